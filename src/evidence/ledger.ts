import { createHash } from 'node:crypto';
import type { BackendName } from '../domain/backend.js';
import type { Role } from '../domain/call.js';
import type { Compared } from '../domain/compared.js';
import type { ComparisonResult, Ended } from '../domain/comparison.js';
import { COMPARISON_RESULTS } from '../domain/comparison.js';
import { isFailure } from '../domain/dispatch.js';
import type { EvidenceDigests } from '../domain/evidence.js';
import type { Outcome } from '../domain/failure.js';
import type { LiveFunction } from '../domain/generation.js';
import type { DropReason } from '../domain/mirror.js';
import { DROP_REASONS } from '../domain/mirror.js';
import type { Observation } from '../domain/observation.js';
import type { Pairs } from './gates/paired.js';
import type { Tally } from './gates/bernoulli.js';
import { nothingAlongside } from './alongside.js';
import type { Alongside } from './alongside.js';
import { Latencies } from './latencies.js';
import { noMismatches, noteMismatch } from './mismatches.js';
import type { Mismatches } from './mismatches.js';
import { CALL_COUNTERS, counterOf, OUTCOMES, ROLES, tellsOfBackend, tellsOfDuration } from './outcomes.js';

/** What evidence is about. */
export interface LedgerKey {
  readonly plugin: string;
  readonly function: string;
  readonly digests: EvidenceDigests;
}

/** Durations of one backend's calls, made when the first one is counted. */
interface Durations {
  execution: Latencies | null;
  queue: Latencies | null;
}

/** What is counted about one function with one pair of artefacts under one rule: some 60 KiB as a rule, at most 410. */
export interface Ledger {
  readonly key: LedgerKey;
  /** Names its file. */
  readonly id: string;
  /** Grows with all that is counted. */
  changes: number;
  readonly calls: Float64Array;
  /** When it began, when it changed last, when legacy answered a caller last: milliseconds since the epoch, 0 for never. */
  readonly times: Float64Array;
  /** Of all calls, whenever they were; for the gates there is `alongside`. */
  readonly durations: Readonly<Record<BackendName, Durations>>;
  readonly comparisons: Float64Array;
  /** Sampled calls that were not compared, by reason. */
  readonly dropped: Float64Array;
  /** Comparisons of calls that both sides did run: see `ENDED_ALIKE` and the following. */
  readonly judged: Float64Array;
  readonly alongside: Alongside;
  mismatches: Mismatches | null;
}

export const BEGAN = 0;
export const UPDATED = 1;
export const ANSWERED = 2;

/** Places in `judged`: both answered or both failed; of these, the mismatches; one side alone failed. */
const ENDED_ALIKE = 0;
const DIFFERENT = 1;
const WASM_FAILED = 2;
const LEGACY_FAILED = 3;

export function keyOf({ plugin, spec, legacy, wasm }: LiveFunction): LedgerKey {
  const digests = { legacy: legacy?.digest ?? null, wasm: wasm?.digest ?? null, compare: spec.compareDigest };
  return { plugin, function: spec.name, digests };
}

/** Tells keys of one function apart. */
export function textOf({ legacy, wasm, compare }: EvidenceDigests): string {
  return `${legacy ?? ''} ${wasm ?? ''} ${compare}`;
}

export function emptyLedger(key: LedgerKey, at: number): Ledger {
  const whole = JSON.stringify([key.plugin, key.function, textOf(key.digests)]);
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 16);
  return {
    key,
    // Names of plugins and functions hold no plus sign.
    id: `${key.plugin}+${key.function}+${hash}`,
    changes: 0,
    calls: new Float64Array(CALL_COUNTERS),
    times: Float64Array.of(at, at, 0),
    durations: { legacy: { execution: null, queue: null }, wasm: { execution: null, queue: null } },
    comparisons: new Float64Array(COMPARISON_RESULTS.length),
    dropped: new Float64Array(DROP_REASONS.length),
    judged: new Float64Array(4),
    alongside: nothingAlongside(),
    mismatches: null,
  };
}

/** Counts a backend call. On the way of every call: makes no object but for a first duration. */
export function countCall(ledger: Ledger, observation: Observation, at: number): void {
  const { backend, role, outcome, queueMs, callMs, hadItsTime } = observation;
  bump(ledger.calls, counterOf(backend, role, outcome));
  ledger.times[UPDATED] = at;
  ledger.changes += 1;
  const durations = ledger.durations[backend];
  if (role !== 'shadow') {
    (durations.queue ??= new Latencies()).record(queueMs);
    if (backend === 'legacy') ledger.times[ANSWERED] = at;
  }
  const tells = callMs !== null && hadItsTime && tellsOfDuration(outcome);
  if (tells) (durations.execution ??= new Latencies()).record(callMs);
}

/** Counts a comparison. */
export function countCompared(ledger: Ledger, compared: Compared, at: number): void {
  const { result } = compared.comparison;
  bump(ledger.comparisons, COMPARISON_RESULTS.indexOf(result));
  touch(ledger, at);
  if (!wasRun(compared.legacy) || !wasRun(compared.wasm)) return;
  if (result === 'wasm-failed') bump(ledger.judged, WASM_FAILED);
  else if (result === 'legacy-failed') bump(ledger.judged, LEGACY_FAILED);
  else {
    bump(ledger.judged, ENDED_ALIKE);
    if (result !== 'mismatch') return;
    bump(ledger.judged, DIFFERENT);
    noteMismatch((ledger.mismatches ??= noMismatches()), compared);
  }
}

/** Counts a sampled call that was not compared. */
export function countDropped(ledger: Ledger, reason: DropReason, at: number): void {
  bump(ledger.dropped, DROP_REASONS.indexOf(reason));
  touch(ledger, at);
}

/** Not so where there was no room for it, or no time before it began. */
function wasRun(ended: Ended): boolean {
  if (!isFailure(ended)) return true;
  if (ended.code === 'timeout' || ended.code === 'cancelled') return ended.begun;
  return ended.code !== 'overloaded';
}

export function touch(ledger: Ledger, at: number): void {
  ledger.times[UPDATED] = at;
  ledger.changes += 1;
}

const TELLING = OUTCOMES.filter(tellsOfBackend);

/** Calls of a backend, whatever their role, that say something of it. */
export function endedBy(ledger: Ledger, backend: BackendName): number {
  return ROLES.reduce((sum, role) => sum + callsOf(ledger, backend, role, TELLING), 0);
}

/** All calls of a backend in a role, or those that ended so. */
export function callsOf({ calls }: Ledger, backend: BackendName, role: Role, outcomes = OUTCOMES): number {
  return outcomes.reduce((sum, outcome: Outcome) => sum + (calls[counterOf(backend, role, outcome)] ?? 0), 0);
}

export function hasRun(ledger: Ledger, backend: BackendName): boolean {
  return ROLES.some((role) => callsOf(ledger, backend, role) > 0);
}

export function comparisonsOf({ comparisons }: Ledger): Readonly<Record<ComparisonResult, number>> {
  const of = (result: ComparisonResult): number => comparisons[COMPARISON_RESULTS.indexOf(result)] ?? 0;
  return {
    match: of('match'),
    mismatch: of('mismatch'),
    'legacy-failed': of('legacy-failed'),
    'wasm-failed': of('wasm-failed'),
    'both-failed': of('both-failed'),
  };
}

/** The reasons for which calls were not compared, each with how many. */
export function droppedOf({ dropped }: Ledger): Readonly<Partial<Record<DropReason, number>>> {
  const all = DROP_REASONS.map((reason, at) => [reason, dropped[at] ?? 0] as const);
  return Object.fromEntries(all.filter(([, count]) => count > 0));
}

/** Calls that both sides answered, or failed, and those that are held against wasm for how they did. */
export function mismatchesOf({ judged, mismatches }: Ledger): Tally {
  const { excused = 0, unjudged = 0 } = mismatches ?? {};
  return { samples: (judged[ENDED_ALIKE] ?? 0) - unjudged, hits: (judged[DIFFERENT] ?? 0) - excused };
}

export function pairsOf({ judged }: Ledger): Pairs {
  const of = (at: number): number => judged[at] ?? 0;
  const alone = { wasmFailed: of(WASM_FAILED), legacyFailed: of(LEGACY_FAILED) };
  return { samples: of(ENDED_ALIKE) + alone.wasmFailed + alone.legacyFailed, ...alone };
}

function bump(counters: Float64Array, at: number): void {
  counters[at] = (counters[at] ?? 0) + 1;
}
