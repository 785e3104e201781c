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
