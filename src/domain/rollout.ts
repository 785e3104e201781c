import type { GateRules, GateVerdict } from './evidence.js';
import type { Stage } from './stage.js';

export interface RolloutStep {
  readonly stage: Stage;
  /** null: the plan's own. */
  readonly gates: GateRules | null;
  /** Least time in the step. Milliseconds. */
  readonly atLeastMs: number;
  /** Least number of calls in the step. */
  readonly calls: number;
  /** When it is reported as stalled; null: never. Milliseconds. */
  readonly deadlineMs: number | null;
  /** Waits for an operator's `promote`, even when everything else is met. */
  readonly manual: boolean;
}

/** How a function, or all of a plugin's, is moved to wasm. */
export interface RolloutPlan {
  readonly steps: readonly RolloutStep[];
  readonly gates: GateRules;
}

/** Where a rollout stands. Times are ISO 8601; steps count from 0. */
export type RolloutState =
  | { readonly state: 'running'; readonly step: number; readonly since: string; readonly stalled: boolean }
  /** Everything is met; an operator has the last word. */
  | { readonly state: 'awaiting'; readonly step: number; readonly since: string }
  | {
      readonly state: 'paused';
      readonly step: number;
      readonly since: string;
      readonly by: string;
      readonly why: string;
    }
  | {
      readonly state: 'tripped';
      readonly step: number;
      readonly since: string;
      readonly cause: string;
      readonly why: string;
    }
  | { readonly state: 'completed'; readonly since: string }
  | { readonly state: 'aborted'; readonly step: number; readonly since: string; readonly by: string };

/** A plan with its state, and what its gates said when they were last asked. */
export interface Rollout {
  readonly plan: RolloutPlan;
  readonly state: RolloutState;
  readonly verdicts: readonly GateVerdict[];
}
