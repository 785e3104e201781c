import type { Artefact } from './artefact.js';
import type { Failure } from './failure.js';
import type { Reply } from './reply.js';

/** When the outputs of both sides are the same, as the manifest says. */
export type CompareRule =
  | { readonly as: 'bytes' }
  | {
      readonly as: 'text';
      /** `any`: CR LF, CR and LF are one and the same. */
      readonly lineEnds: 'same' | 'any';
      /** `any`: white space at the end of a line, and empty lines at the end of the text, do not count. */
      readonly trailingSpace: 'same' | 'any';
      readonly unicode: 'NFC' | 'NFD' | 'NFKC' | 'NFKD' | null;
    }
  | {
      readonly as: 'json';
      /** JSON pointers that do not count, with `*` for any member. */
      readonly ignore: readonly string[];
      /** JSON pointers (with `*`) of arrays whose order does not count. */
      readonly unordered: readonly string[];
      /** Numbers are equal when they are no further apart than either allows; 0 asks for the same value. */
      readonly tolerance: { readonly absolute: number; readonly relative: number };
    }
  /** A JavaScript module of the operator's own decides. */
  | { readonly as: 'module'; readonly module: Artefact };

/** How an error shows inside a successful JSON reply: the value at `pointer` is `equals`. */
export interface ReplyError {
  readonly pointer: string;
  readonly equals: string | number | boolean | null;
}

/** `both-failed`: with the same code, which is a match of errors; with different codes it is a `mismatch`. */
export type ComparisonResult = 'match' | 'mismatch' | 'legacy-failed' | 'wasm-failed' | 'both-failed';

export const COMPARISON_RESULTS = [
  'match',
  'mismatch',
  'legacy-failed',
  'wasm-failed',
  'both-failed',
] as const satisfies readonly ComparisonResult[];

/** Seen from legacy: `missing` is not in wasm's answer, `extra` in it alone. */
export type DifferenceKind = 'value' | 'type' | 'missing' | 'extra' | 'order' | 'length';

export interface Difference {
  /** A JSON pointer into the output; empty for the whole of it. */
  readonly pointer: string;
  readonly kind: DifferenceKind;
  /** Short excerpts for people; null where a side has nothing there. */
  readonly legacy: string | null;
  readonly wasm: string | null;
}

export interface Comparison {
  readonly result: ComparisonResult;
  /** Empty unless the result is `mismatch`; the first ones of a great many. */
  readonly differences: readonly Difference[];
  /** How many more there are. */
  readonly omitted: number;
}

/** How one side ended. */
export type Ended = Reply | Failure;

/** Where a difference stands among those of many calls: by place, not by index that is with `*` for every index. */
export function placeOf(pointer: string): string {
  return pointer.replace(/\/\d+(?=\/|$)/g, '/*');
}
