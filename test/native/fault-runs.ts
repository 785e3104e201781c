import type { Backend } from '#src/domain/backend.js';
import { Failed } from '#src/domain/failure.js';
import { bytesOf, callOf, callWithin } from '../contract/calls.js';
import type { Fault, Outcome } from './fault-rows.js';
import type { Watch } from './watching.js';

const AHEAD = 3;
const BEHIND = 6;
/** Of neighbours, whose failure would be seen long before. */
const PATIENCE_MS = 60_000;
/** Of calls that are there to run out of time. */
const SOON_MS = 50;
/** A deadline may pass before a starved child begins: such a run says nothing, and is made again. So often, on average. */
const TRIES = 10;

/** What a fault did, over all its runs. */
export interface Findings {
  /** How the faulty calls ended: what was said, and how often. */
  readonly ends: Map<string, number>;
  /** All that was not as it should be. */
  readonly wrong: string[];
  neighbours: number;
  answered: number;
  /** Neighbours that had begun, and failed with `crashed` as they may. */
  lost: number;
  /** From the end of the faulty call to the next answer of the same backend, in ms. */
  readonly untilNext: number[];
}

type End = { readonly answer: 'own' | 'other' } | { readonly failed: Failed };

/** Makes the faulty call again and again, each time amid others of its own backend, and looks at every answer. */
export async function run(fault: Fault, runs: number, backend: Backend, watch: Watch): Promise<Findings> {
  const findings: Findings = { ends: new Map(), wrong: [], neighbours: 0, answered: 0, lost: 0, untilNext: [] };
  for (let tries = 0, done = 0; done < runs; tries++) {
    if (tries === TRIES * runs) throw new Error(`of ${tries} calls only ${done} have begun in time`);
    const before = watch.restarts.length;
    const isOver = (): boolean => watch.restarts.length > before;
    const counted = await runOnce(fault, backend, isOver, findings);
    if (fault.behind === 'one-lost') await watch.until(isOver);
    if (counted) done += 1;
  }
  return findings;
}

/** False when the call ran out of time before it began. `isOver`: the process has been replaced. */
async function runOnce(fault: Fault, backend: Backend, isOver: () => boolean, findings: Findings): Promise<boolean> {
  // Whatever the run before has left is over: from here on the child is ready.
  neighbour('the first call', await ask(backend, 'echo', PATIENCE_MS), false, findings);
  const ahead = Array.from({ length: AHEAD }, () => ask(backend, 'echo', PATIENCE_MS));
  const faulty = ask(backend, fault.symbol, fault.withinMs ?? PATIENCE_MS);
  let endedAt = Infinity;
  let nextAt = Infinity;
  void faulty.then(() => (endedAt = performance.now()));
  const behind = Array.from({ length: BEHIND }, async () => {
    const end = await ask(backend, 'echo', PATIENCE_MS);
    if ('answer' in end) nextAt = Math.min(nextAt, performance.now());
    return end;
  });

  const end = await faulty;
  if (fault.behind === 'mute') await findOut(backend, isOver);
  const aheadEnds = await Promise.all(ahead);
  const behindEnds = await Promise.all(behind);
  const last = await ask(backend, 'echo', PATIENCE_MS);
  if (nextAt === Infinity) nextAt = performance.now();
  findings.untilNext.push(Math.max(0, nextAt - endedAt));

  const begun = !('failed' in end) || end.failed.failure.code !== 'timeout' || end.failed.failure.begun;
  for (const each of aheadEnds) neighbour('a call ahead', each, false, findings);
  if (!begun) return false;

  const said = describe(end);
  findings.ends.set(said, (findings.ends.get(said) ?? 0) + 1);
  if (!fault.outcomes.some((outcome) => matches(outcome, end))) findings.wrong.push(`the faulty call: ${said}`);
  const losesBegun = fault.behind === 'begun-lost' || fault.behind === 'mute';
  let mayBeLost = losesBegun || (fault.behind === 'one-lost' && 'answer' in end);
  for (const each of behindEnds) {
    const lost = neighbour('a call behind', each, mayBeLost, findings);
    // Calls begin in their order: behind one that had not begun, none had.
    if (losesBegun) mayBeLost &&= lost;
    else mayBeLost &&= !lost;
  }
  neighbour('the last call', last, mayBeLost && fault.behind === 'one-lost', findings);
  return true;
}

/** Calls that run out of time, until the gateway has replaced a process whose answers are lost, or one is answered. */
async function findOut(backend: Backend, isOver: () => boolean): Promise<void> {
  while (!isOver() && !('answer' in (await ask(backend, 'echo', SOON_MS))));
}

/** Counts a neighbour; answers whether it failed as it may. */
function neighbour(which: string, end: End, mayBeLost: boolean, findings: Findings): boolean {
  findings.neighbours += 1;
  if ('answer' in end && end.answer === 'own') {
    findings.answered += 1;
    return false;
  }
  if (mayBeLost && 'failed' in end && end.failed.failure.code === 'crashed') {
    findings.lost += 1;
    return true;
  }
  findings.wrong.push(`${which}: ${describe(end)}`);
  return false;
}

let serial = 0;

/** Every input is another one, of another length. */
async function ask(backend: Backend, name: string, withinMs: number): Promise<End> {
  serial += 1;
  const length = name !== 'echo' ? 64 : serial % 50 === 0 ? 100_000 : 32 + (serial % 500);
  const input = bytesOf(length, serial);
  try {
    const output = await callWithin(backend, callOf(name, input, withinMs));
    return { answer: Buffer.compare(output, input) === 0 ? 'own' : 'other' };
  } catch (error) {
    if (error instanceof Failed) return { failed: error };
    throw error;
  }
}

function matches(outcome: Outcome, end: End): boolean {
  if ('answer' in end) return outcome === (end.answer === 'own' ? 'own input' : 'other bytes');
  const { failure } = end.failed;
  if (typeof outcome === 'string') return false;
  return Object.entries(outcome).every(
    ([key, value]) => (failure as unknown as Record<string, unknown>)[key] === value,
  );
}

function describe(end: End): string {
  if ('answer' in end) return end.answer === 'own' ? 'ok' : 'ok, other bytes';
  const { failure } = end.failed;
  switch (failure.code) {
    case 'crashed':
      return `crashed, ${failure.signal ?? `exit ${failure.exitCode}`}`;
    case 'timeout':
      return failure.begun ? 'timeout' : 'timeout, not running';
    default:
      return failure.code;
  }
}
