import type { GateRules, GateVerdict, Verdict } from '../domain/evidence.js';
import { amount, figure } from '../domain/figure.js';
import type { LiveFunction } from '../domain/generation.js';
import type {
  FunctionVerdicts,
  RolloutEvidence,
  RolloutPlan,
  RolloutProgress,
  RolloutStep,
} from '../domain/rollout.js';
import type { RolloutRecord } from './book.js';
import { ranMs } from './history.js';
import { stepOf } from './transition.js';
import { timeWords } from './words.js';

/** A gate that says no, and the function that it says it of. */
export interface FailedGate {
  readonly live: LiveFunction;
  readonly gate: GateVerdict;
}

/** What is known of a rollout's present step. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly functions: readonly FunctionVerdicts[];
  readonly failed: readonly FailedGate[];
  readonly progress: RolloutProgress;
  /** It should have moved on by now. */
  readonly overdue: boolean;
  /** One sentence: what fails, else what is missing, else that all is well. */
  readonly why: string;
  readonly figures: Readonly<Record<string, number>>;
}

type Asked = readonly { readonly live: LiveFunction; readonly verdicts: readonly GateVerdict[] }[];

/** Of so many functions the figures of the gates are kept with a move. */
const FUNCTIONS_IN_FIGURES = 8;

/** Of so many sentences a reason is made. */
const SENTENCES = 5;

/** Looks at a rollout: asks its gates, of every function that goes by its route or of `those` alone, and its clock. */
export async function judge(
  record: RolloutRecord,
  followers: readonly LiveFunction[],
  evidence: RolloutEvidence,
  now: number,
  those: readonly LiveFunction[] = followers,
): Promise<Judgement> {
  const step = record.plan.steps[stepOf(record.state, record.plan)];
  const rules = sharedOut(step?.gates ?? record.plan.gates, followers.length * differentGates(record.plan));
  const asked = await askedOf(those, evidence, rules);
  const failed = asked.flatMap(({ live, verdicts }) =>
    verdicts.filter((gate) => gate.verdict === 'fail').map((gate) => ({ live, gate })),
  );
  const elapsedMs = ranMs(record, now);
  const incomparable = followers.filter(({ spec }) => spec.effects === 'unsafe').map(({ spec }) => spec.name);
  const alone = incomparable.length === followers.length && step?.stage.stage !== 'shadow';
  const unclear = asked.flatMap(({ live, verdicts }) => unclearOf(live, verdicts, alone));
  if (followers.length === 0) unclear.push('no function goes by this route');
  const missing = [...missingTimeAndCalls(record, step, elapsedMs), ...unclear];
  const verdict = failed.length > 0 ? 'fail' : unclear.length > 0 ? 'inconclusive' : 'pass';
  const failures = failed.map(({ live, gate }) => gateWords(live, gate));
  return {
    verdict,
    functions: asked.map(({ live, verdicts }) => ({
      function: live.spec.name,
      comparable: live.spec.effects !== 'unsafe',
      verdicts,
    })),
    failed,
    progress: {
      elapsedMs,
      calls: record.calls,
      comparisons: followers.reduce((sum, live) => sum + comparisonsOf(live, evidence), 0),
      missing: [...failures, ...missing],
    },
    overdue: step?.deadlineMs !== null && step !== undefined && elapsedMs >= step.deadlineMs,
    why: listed([...failures, ...missing]) || allIsWell(asked, incomparable, record, elapsedMs),
    figures: figuresOf(asked, record, elapsedMs),
  };
}

/** Gates take their time to answer (about a millisecond a function): calls go on between one function and the next. */
async function askedOf(
  followers: readonly LiveFunction[],
  evidence: RolloutEvidence,
  rules: GateRules,
): Promise<Asked> {
  const asked: Asked[number][] = [];
  for (const live of followers) {
    if (asked.length > 0) await new Promise((resolve) => setImmediate(resolve));
    asked.push({ live, verdicts: live.legacy === null || live.wasm === null ? [] : evidence.gates(live, rules) });
  }
  return asked;
}

/** What is remembered of many sentences. */
function listed(sentences: readonly string[]): string {
  const rest = sentences.length - SENTENCES;
  return [...sentences.slice(0, SENTENCES), ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}

/** The rules of a plan as they were last shared out. */
const shares = new WeakMap<GateRules, { readonly among: number; readonly rules: GateRules }>();

/** How many different rules a plan asks: steps with the same ones ask one question, over and over. */
function differentGates({ gates, steps }: RolloutPlan): number {
  return new Set(steps.map((step) => JSON.stringify(step.gates ?? gates))).size;
}

/**
 * The chance of a wrong verdict is that of the whole rollout, however many functions and rules may bring one about. The
 * same object for the same rules: whoever is asked by it again may answer from memory.
 */
function sharedOut(rules: GateRules, among: number): GateRules {
  if (among <= 1) return rules;
  let share = shares.get(rules);
  if (share?.among !== among) {
    share = { among, rules: { ...rules, alpha: rules.alpha / among } };
    shares.set(rules, share);
  }
  return share.rules;
}

/**
 * What gates leave open, and hold the step up by that. A function whose calls may not be run twice is never compared:
 * among others it holds up nothing; `alone` it does, by what its callers' own calls can show.
 */
function unclearOf(live: LiveFunction, verdicts: readonly GateVerdict[], alone: boolean): string[] {
  for (const side of ['legacy', 'wasm'] as const) {
    if (live[side] === null) return [`${live.spec.name} has no ${side} backend at present`];
  }
  const comparable = live.spec.effects !== 'unsafe';
  return verdicts
    .filter(({ gate, verdict }) => verdict === 'inconclusive' && (comparable || (alone && gate !== 'mismatches')))
    .map((gate) => gateWords(live, gate));
}

function missingTimeAndCalls(record: RolloutRecord, step: RolloutStep | undefined, elapsedMs: number): string[] {
  const missing: string[] = [];
  if (step !== undefined && elapsedMs < step.atLeastMs) {
    missing.push(`${timeWords(elapsedMs)} of at least ${timeWords(step.atLeastMs)} have passed in this step`);
  }
  if (step !== undefined && record.calls < step.calls) {
    missing.push(`${figure(record.calls)} of at least ${amount(step.calls, 'call')} were made in this step`);
  }
  return missing;
}

function gateWords({ spec }: LiveFunction, { gate, verdict, detail }: GateVerdict): string {
  return `${spec.name}: ${gate} ${verdict === 'fail' ? 'fails' : 'is inconclusive'}: ${detail}`;
}

function allIsWell(asked: Asked, incomparable: readonly string[], { calls }: RolloutRecord, elapsedMs: number): string {
  const gates = asked.some(({ verdicts }) => verdicts.length > 0) ? 'its gates hold' : 'no gate is asked';
  const except = incomparable.length === 0 ? '' : `, ${incomparable.join(', ')} cannot be compared (effects: unsafe)`;
  return `${timeWords(elapsedMs)} and ${amount(calls, 'call')} in the step, ${gates}${except}`;
}

function figuresOf(asked: Asked, { calls }: RolloutRecord, elapsedMs: number): Record<string, number> {
  const figures: Record<string, number> = { seconds: Math.floor(elapsedMs / 1_000), calls };
  for (const { live, verdicts } of asked.slice(0, FUNCTIONS_IN_FIGURES)) {
    for (const verdict of verdicts) {
      for (const [name, value] of Object.entries(gateFigures(verdict))) {
        figures[`${live.spec.name}.${verdict.gate}.${name}`] = value;
      }
    }
  }
  return figures;
}

/** What a gate saw, its bounds and what it is held against; what it does not know is left out. */
export function gateFigures({ estimate, lower, upper, limit, samples }: GateVerdict): Record<string, number> {
  const known = Object.entries({ estimate, lower, upper, limit, samples });
  return Object.fromEntries(
    known.flatMap(([name, value]) => (value === null || !Number.isFinite(value) ? [] : [[name, value] as const])),
  );
}

function comparisonsOf(live: LiveFunction, evidence: RolloutEvidence): number {
  return Object.values(evidence.counts(live).comparisons).reduce((sum, count) => sum + count, 0);
}
