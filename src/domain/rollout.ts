import type { ComparisonResult } from './comparison.js';
import type { Author, Precondition } from './control.js';
import type { GateRules, GateVerdict } from './evidence.js';
import type { LiveFunction } from './generation.js';
import type { Stage } from './stage.js';

export interface RolloutStep {
  readonly stage: Stage;
  /** null: the plan's own. */
  readonly gates: GateRules | null;
  /** Least time in the step, pauses left out. Milliseconds. */
  readonly atLeastMs: number;
  /** Least number of calls in the step, answered by wasm or mirrored to it. */
  readonly calls: number;
  /** When it is reported as stalled, pauses left out; null: never. Milliseconds. */
  readonly deadlineMs: number | null;
  /** Waits for an operator's `promote`, even when everything else is met. */
  readonly manual: boolean;
}

/** How a function, or all of a plugin's, is moved to wasm. */
export interface RolloutPlan {
  /** At least one; none moves fewer callers to wasm than the one before. */
  readonly steps: readonly RolloutStep[];
  readonly gates: GateRules;
}

/** Where a rollout stands while nothing is taken back. Times are ISO 8601; steps count from 0. */
export type UntrippedState =
  | { readonly state: 'running'; readonly step: number; readonly since: string; readonly stalled: boolean }
  /** Everything is met; an operator has the last word. */
  | { readonly state: 'awaiting'; readonly step: number; readonly since: string; readonly stalled: boolean }
  | {
      readonly state: 'paused';
      readonly step: number;
      readonly since: string;
      readonly by: string;
      readonly why: string;
    }
  /** Its gates go on being watched for as long as wasm answers. */
  | { readonly state: 'completed'; readonly since: string };

export type RolloutState =
  | UntrippedState
  | {
      readonly state: 'tripped';
      readonly step: number;
      readonly since: string;
      readonly cause: string;
      readonly why: string;
      /** What it goes on from once nothing is tripped any more. */
      readonly before: UntrippedState;
    }
  | { readonly state: 'aborted'; readonly step: number; readonly since: string; readonly by: string }
  /** The last that is heard of it: it is not kept. */
  | {
      readonly state: 'removed';
      readonly step: number;
      readonly since: string;
      readonly by: string;
      readonly why: string;
    };

/** A plugin's route, or that of one of its functions. */
export interface RolloutTarget {
  readonly plugin: string;
  readonly function: string | null;
}

/** A state that a rollout came to, in the words of {@link RolloutState}; `step` is null once all are done. */
export interface RolloutPlace {
  readonly state: RolloutState['state'];
  readonly step: number | null;
}

/** One change of a rollout's state. */
export interface RolloutMove {
  /** ISO 8601. */
  readonly at: string;
  /** null: it began. */
  readonly from: RolloutPlace | null;
  readonly to: RolloutPlace;
  readonly why: string;
  /** What was known then: `seconds` and `calls` in the step, and of each gate what it saw, its bound and its limit. */
  readonly figures: Readonly<Record<string, number>>;
}

/** What the gates of one function said when they were last asked. */
export interface FunctionVerdicts {
  readonly function: string;
  /** False: its calls may not be run twice, so that it holds up nothing for want of comparisons. */
  readonly comparable: boolean;
  readonly verdicts: readonly GateVerdict[];
}

/** How far the present step is. */
export interface RolloutProgress {
  /** Milliseconds in the step, pauses left out; counted from its beginning, or from when wasm was given its calls back. */
  readonly elapsedMs: number;
  /** Calls in the step, answered by wasm or mirrored to it. */
  readonly calls: number;
  /** Comparisons with these artefacts, in this step and before. */
  readonly comparisons: number;
  /** What keeps it from moving on, a sentence each. */
  readonly missing: readonly string[];
}

/** A route as it is now. */
export interface ChangedRoute {
  readonly revision: number;
  readonly stage: Stage;
  /** False: it is that of the plugin, which the function follows again. */
  readonly own: boolean;
}

/** A plan with its state, and all that is known of how it goes. */
export interface Rollout extends RolloutTarget {
  /** That of its route when the rollout last set it, or took it as it was. */
  readonly revision: number;
  /** What somebody else has made of the route since; null: it is as the rollout left it, or not there at present. */
  readonly changed: ChangedRoute | null;
  readonly plan: RolloutPlan;
  readonly state: RolloutState;
  readonly progress: RolloutProgress;
  /** Of every function that goes by the route. */
  readonly functions: readonly FunctionVerdicts[];
  /** Oldest first, the latest hundred. */
  readonly history: readonly RolloutMove[];
  /** Why it could not act or be kept when it last tried; null: it could. */
  readonly trouble: string | null;
}

/** What a rollout needs to know of both backends. */
export interface RolloutEvidence {
  /** One verdict for each gate that is asked for. */
  gates(live: LiveFunction, rules: GateRules): readonly GateVerdict[];
  /** Counts since the evidence on these artefacts began. */
  counts(live: LiveFunction): {
    /** Calls in which wasm answered or failed, mirrored ones included: not those given up by their caller, or refused. */
    readonly endedByWasm: number;
    readonly comparisons: Readonly<Record<ComparisonResult, number>>;
  };
}

export interface Planning extends RolloutTarget {
  readonly plan: RolloutPlan;
  /** About the target's route. */
  readonly precondition: Precondition;
  readonly author: Author;
}

/** What became of a rollout, and what whoever asked for it should know. */
export interface Steered {
  readonly rollout: Rollout;
  readonly warnings: readonly string[];
}

/**
 * Moves routes by plans, as an operator would. Everything rejects with `Rejected`: `not-found` where there is no
 * rollout, `conflict` for what does not fit its state, `precondition-failed` where the route has another revision.
 */
export interface Rollouts {
  /** In the order in which they were first planned. */
  all(): Promise<readonly Rollout[]>;
  get(target: RolloutTarget): Promise<Rollout>;
  /**
   * Takes a plan and begins it, at the first step that moves no caller back from what is in force. A plan that is there
   * is replaced, its history kept.
   */
  plan(planning: Planning): Promise<Steered>;
  pause(target: RolloutTarget, author: Author, precondition?: Precondition): Promise<Rollout>;
  /** Goes on after a pause; ends the trips of a rollout that is tripped or aborted. */
  resume(target: RolloutTarget, author: Author, precondition?: Precondition): Promise<Rollout>;
  /** Moves on to the next step now, whatever is missing. */
  promote(target: RolloutTarget, author: Author, precondition?: Precondition): Promise<Rollout>;
  /** Takes all of it back to legacy until an operator resumes. */
  abort(target: RolloutTarget, author: Author, precondition?: Precondition): Promise<Steered>;
  /** Forgets one that would not move on by itself; its route stays as it is, and so do its trips. Answers what it was. */
  remove(target: RolloutTarget, author: Author, precondition?: Precondition): Promise<Rollout>;
}
