import type { BackendName } from './backend.js';
import type { Role } from './call.js';
import type { Compared, NoiseRun } from './compared.js';
import type { ComparisonResult, DifferenceKind } from './comparison.js';
import type { FailureCode } from './failure.js';
import type { LiveFunction } from './generation.js';
import type { DropReason } from './mirror.js';
import type { Observation } from './observation.js';
import type { RetireRule } from './plugin.js';

/** What a gate says: without enough data it is `inconclusive`, never one of the others. */
export type Verdict = 'pass' | 'fail' | 'inconclusive';

export type GateName = 'mismatches' | 'failures' | 'latency';

/** What has to hold before traffic moves on; null: not asked for. Shares are in percent. */
export interface GateRules {
  /** Comparisons that may differ. */
  readonly mismatches: { readonly limit: number } | null;
  /** By how much more often wasm may fail than legacy does. */
  readonly failures: { readonly margin: number } | null;
  /** How much slower wasm may be: at this quantile (0 … 1), by this factor. */
  readonly latency: { readonly quantile: number; readonly ratio: number } | null;
  /** The chance of a wrong verdict over a whole rollout, in percent, shared out among its gates. */
  readonly alpha: number;
}

/** A gate's answer, with the bound that it used: whatever the moment it was asked at, that bound holds. */
export interface GateVerdict {
  readonly gate: GateName;
  readonly verdict: Verdict;
  /** What was seen: a share in percent, or a ratio; null without data. */
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** What it is held against, in the same unit. */
  readonly limit: number;
  /** Observations that went into it. */
  readonly samples: number;
  /** One sentence for a person. */
  readonly detail: string;
}

/** What a gate is held to where nobody says otherwise. */
export const DEFAULT_GATES = {
  mismatches: { limit: 0.1 },
  failures: { margin: 0.1 },
  latency: { quantile: 0.99, ratio: 1.5 },
  alpha: 5,
} as const satisfies GateRules;

/** What evidence is about: whatever of it changes, evidence starts from nothing. Digests are null without that backend. */
export interface EvidenceDigests {
  readonly legacy: string | null;
  readonly wasm: string | null;
  /** Of what decides whether two outputs are the same. */
  readonly compare: string;
}

/** Counts since this evidence began; they only grow, but for `held`. */
export interface EvidenceCounts {
  readonly calls: Readonly<Record<BackendName, Readonly<Record<Role, number>>>>;
  /** Of wasm's calls those that say something of it: not given up by their caller, nor refused for want of room. */
  readonly endedByWasm: number;
  readonly comparisons: Readonly<Record<ComparisonResult, number>>;
  /** Mismatches that are held against wasm: fewer than all, once legacy turns out to differ from itself there. */
  readonly held: number;
  /** When legacy last answered a caller, milliseconds since the epoch; null: not since the gateway began to watch. */
  readonly legacyAnsweredAt: number | null;
}

/** A share in percent, with bounds that hold whenever they are looked at. */
export interface Bounds {
  /** null without data. */
  readonly estimate: number | null;
  readonly lower: number;
  readonly upper: number;
  readonly samples: number;
}

/** Milliseconds, at most 1/64 from what was measured. */
export interface Quantiles {
  readonly samples: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
}

/** Mismatches, or noise, at one place. */
export interface DifferenceGroup {
  readonly place: string;
  readonly kind: DifferenceKind;
  readonly count: number;
}

/** What is known of one pair of artefacts under one comparison rule. */
export interface Evidence {
  readonly digests: EvidenceDigests;
  /** ISO 8601; null: nothing has been seen yet. */
  readonly since: string | null;
  readonly updated: string | null;
  readonly calls: EvidenceCounts['calls'];
  /** Everything that was not `ok`, whatever its role. */
  readonly errors: Readonly<Record<BackendName, Readonly<Partial<Record<FailureCode, number>>>>>;
  readonly comparisons: EvidenceCounts['comparisons'];
  /** Sampled calls that were not compared, by the reasons that there were. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly mismatches: {
    readonly held: number;
    /** Not held against wasm: legacy differs from itself wherever these differ. */
    readonly noise: number;
    /** Of them those in which that is the whole answer: they say nothing, and count nowhere. */
    readonly unjudged: number;
    /** Most frequent first; one mismatch may stand in several. */
    readonly groups: readonly (DifferenceGroup & { readonly noise: boolean })[];
    /** Differences that stand in no listed group. */
    readonly omitted: number;
  };
  readonly noise: {
    /** How often legacy was run twice, and how often it then differed from itself. */
    readonly runs: number;
    readonly differing: number;
    readonly groups: readonly DifferenceGroup[];
    /** JSON pointers to write into `compare.ignore` and `compare.unordered`. */
    readonly ignore: readonly string[];
    readonly unordered: readonly string[];
  };
  readonly bounds: { readonly mismatches: Bounds; readonly failures: Readonly<Record<BackendName, Bounds>> };
  readonly latency: Readonly<
    Record<BackendName, { readonly execution: Quantiles | null; readonly queue: Quantiles | null }>
  >;
  readonly gates: readonly GateVerdict[];
}

export interface FunctionEvidence {
  readonly plugin: string;
  readonly function: string;
  /** Of the artefacts and the rule that are live. */
  readonly current: Evidence;
  /** Of earlier ones, the latest first. */
  readonly older: readonly Evidence[];
}

/**
 * What was seen of both backends, by the artefacts that ran. `observe` runs once in every backend call and makes
 * no object; none of these throws.
 */
export interface EvidencePort {
  observe(observation: Observation, live: LiveFunction): void;
  compared(compared: Compared): void;
  noise(run: NoiseRun): void;
  /** A sampled call was not compared. */
  dropped(live: LiveFunction, reason: DropReason): void;
  counts(live: LiveFunction): EvidenceCounts;
  /** One verdict for each gate that is asked for. However often it is looked at, the chance of a wrong one is `alpha`. */
  gates(live: LiveFunction, rules: GateRules): readonly GateVerdict[];
  /** `rules` default to {@link DEFAULT_GATES}. Judging takes its time: calls go on between one build and the next. */
  view(live: LiveFunction, rules?: GateRules): Promise<FunctionEvidence>;
  /** What is missing before legacy may be unloaded, a sentence each; empty once it is proved. */
  proof(live: LiveFunction, rule: RetireRule): readonly string[];
}
