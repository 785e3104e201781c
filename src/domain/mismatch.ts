import type { BackendName } from './backend.js';
import type { ComparisonResult, Difference } from './comparison.js';

/** Results of which samples are kept. */
export type MismatchResult = Extract<ComparisonResult, 'mismatch' | 'legacy-failed' | 'wasm-failed'>;

/** Bytes: as text where they are plain UTF-8 text, else in base64. `cut`: only the beginning of so many bytes; else null. */
export type KeptBody =
  { readonly text: string; readonly cut: number | null } | { readonly base64: string; readonly cut: number | null };

export type KeptEnd = { readonly output: KeptBody } | { readonly code: string; readonly detail: string };

/** A call that both sides ran and that did not match, as it is kept: without what the manifest wants to be taken out. */
export interface MismatchSample {
  /** ISO 8601. */
  readonly at: string;
  readonly requestId: string;
  readonly result: MismatchResult;
  /** The side that answered the caller. */
  readonly primary: BackendName;
  /** Request headers: the sticky key, where there was one. */
  readonly headers: Readonly<Record<string, string>>;
  readonly input: KeptBody;
  readonly legacy: KeptEnd;
  readonly wasm: KeptEnd;
  readonly differences: readonly Difference[];
  /** Differences that are not listed. */
  readonly omitted: number;
  /** Whether something was taken out of a body: called again, it may be answered otherwise. */
  readonly redacted: boolean;
  /** Digests of what ran, and of the rule. */
  readonly digests: { readonly legacy: string | null; readonly wasm: string | null; readonly rule: string };
}

/** How often calls of a function did not match in one and the same way. */
export interface MismatchCount {
  /** `kind place` of each difference, by places as `placeOf` has them; of a side that failed, how. */
  readonly signature: string;
  readonly count: number;
  /** ISO 8601. */
  readonly first: string;
  readonly last: string;
}

export interface Mismatches {
  /** Newest first. */
  readonly samples: readonly MismatchSample[];
  /** Most frequent first. */
  readonly counts: readonly MismatchCount[];
  /** Mismatches of ways that are not counted one by one: there were too many ways. */
  readonly others: number;
}

/** What is kept of the calls that did not match. */
export interface MismatchJournal {
  read(plugin: string, functionName: string, options: { readonly limit: number }): Promise<Mismatches>;
  /** Lines of a corpus, newest first: of the samples that are whole. */
  export(plugin: string, functionName: string): Promise<readonly string[]>;
}
