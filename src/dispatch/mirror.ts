import type { BackendName } from '../domain/backend.js';
import type { Compare, NotCompared } from '../domain/compare.js';
import type { Compared, NoiseRun } from '../domain/compared.js';
import type { Ended } from '../domain/comparison.js';
import { isFailure } from '../domain/dispatch.js';
import type { Generation, LiveFunction } from '../domain/generation.js';
import type { DropReason, Sampled } from '../domain/mirror.js';
import type { PluginFunction } from '../domain/plugin.js';
import { hundredths } from '../domain/stage.js';
import { type Attempt, attempts, type AttemptOptions, type Made } from './attempt.js';
import { Fifo } from './fifo.js';
import type { Spare } from './spare.js';

/** Calls of one function that may wait. */
const MOST_WAITING = 256;
/** Bytes of inputs and outputs that may wait or run, of all functions. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Mirrored calls of one function at a time: what runs them takes them one by one, and the others are soon there. */
const ABREAST = 4;
/** Calls begun in one turn of the loop, so that callers come in between. */
const BEGUN_IN_A_TURN = 16;
/** How long a gateway on its way out waits for calls that nobody waits for. Milliseconds. */
const CLOSING_MS = 1_000;

interface MirrorOptions extends AttemptOptions {
  readonly current: () => Generation;
  readonly compare: Compare;
  readonly spare: Spare;
  readonly onCompared: (compared: Compared) => void;
  readonly onNoise: (run: NoiseRun) => void;
  /** `why` is for people, where the reason does not say it all. */
  readonly onDropped: (live: LiveFunction, reason: DropReason, why?: string) => void;
  readonly random?: () => number;
  /** Milliseconds since the epoch. */
  readonly wallClock?: () => number;
  /** How long what runs is waited for at the end. */
  readonly closingMs?: number;
}

/** Where sampled calls go once their callers have been answered. */
export interface Mirror {
  /** Runs it on the other side as well, when there is room, and compares; drops and counts it otherwise. */
  offer(sampled: Sampled): void;
  /** Compares a call that both sides have run already: legacy answered where wasm had failed. */
  settle(sampled: Sampled, other: Ended): void;
  /** Drops what waits, and soon stops what runs; resolves when no call runs any more. */
  close(): Promise<void>;
}

interface Line {
  readonly waiting: Fifo<Sampled>;
  running: number;
}

/**
 * Mirrors sampled calls: after the reply, at low priority, with a time-out of their own that counts from when they are
 * handed over. What does not fit in is dropped, never waited for.
 */
export function createMirror(options: MirrorOptions): Mirror {
  const { current, compare, spare, onCompared, onNoise, onDropped, onDefect, now } = options;
  const { random = Math.random, wallClock = Date.now, closingMs = CLOSING_MS } = options;
  const make = attempts(options);
  // A flip makes functions anew, and not what the manifest says of them.
  const lines = new WeakMap<PluginFunction, Line>();
  /** Those in which calls wait. */
  let busy: Line[] = [];
  const calls = new Fifo<Attempt<Made>>();
  let running = 0;
  let onIdle: (() => void) | null = null;
  let bytes = 0;
  let scheduled = false;
  let stopping = false;

  function offer(sampled: Sampled): void {
    const { live } = sampled;
    const refusal = refusalOf(sampled);
    if (refusal !== null) return onDropped(live, refusal);
    bytes += weightOf(sampled);
    const line = lineOf(live);
    if (line.waiting.length === 0) busy.push(line);
    line.waiting.push(sampled);
    schedule();
  }

  function refusalOf(sampled: Sampled): DropReason | null {
    const { live, primary } = sampled;
    if (stopping) return 'stopping';
    if (live.spec.effects === 'unsafe') return 'unsafe';
    if (live[otherThan(primary)] === null) return 'unavailable';
    if (lineOf(live).waiting.length >= MOST_WAITING) return 'queue-full';
    if (bytes + weightOf(sampled) > MOST_BYTES) return 'memory';
    return spare.admits() ? null : 'busy';
  }

  function lineOf({ spec }: LiveFunction): Line {
    let line = lines.get(spec);
    if (line === undefined) lines.set(spec, (line = { waiting: new Fifo(), running: 0 }));
    return line;
  }

  /** After what the loop has at hand, so after the reply has been written. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(beginSome);
  }

  function beginSome(): void {
    scheduled = false;
    let begun = 0;
    for (const line of busy) while (begun < BEGUN_IN_A_TURN && beginNext(line)) begun += 1;
    busy = busy.filter(({ waiting }) => waiting.length > 0);
    if (begun === BEGUN_IN_A_TURN) schedule();
  }

  /** Whether another one could be begun, or dropped. */
  function beginNext(line: Line): boolean {
    if (line.running >= ABREAST) return false;
    const sampled = line.waiting.shift();
    if (sampled === undefined) return false;
    // A backend that was tripped is tried with one call at a time.
    if (line.running > 0 && sampled.live.route.tripped?.halfOpen === true) {
      finish(sampled);
      onDropped(sampled.live, 'busy');
      return true;
    }
    line.running += 1;
    running += 1;
    void mirror(sampled)
      .catch(onDefect)
      .then(() => {
        finish(sampled);
        line.running -= 1;
        running -= 1;
        if (line.waiting.length > 0) schedule();
        if (running === 0) onIdle?.();
      });
    return true;
  }

  function finish(sampled: Sampled): void {
    bytes -= weightOf(sampled);
  }

  async function mirror(sampled: Sampled): Promise<void> {
    const side = otherThan(sampled.primary);
    const made = await runOn(side, sampled);
    const notRun = stopping ? 'stopping' : 'replaced';
    const reason = made === null ? notRun : unheard(made, sampled.live.spec.timeoutMs);
    if (made === null || reason !== null) {
      onDropped(sampled.live, reason ?? notRun);
      return;
    }
    await settle(sampled, made.result);
    await lookForNoise(sampled, sampled.primary === 'legacy' ? sampled.ended : made.result);
  }

  /** Null when the side that was to run it is no longer in force: it may be closed. */
  async function runOn(side: BackendName, { live, input, requestId, key }: Sampled): Promise<Made | null> {
    const target = live[side];
    const inForce = current().plugins.get(live.plugin)?.functions.get(live.spec.name)?.[side];
    if (target === null || inForce !== target || stopping) return null;
    const since = now();
    const wanted = { role: 'shadow', input, requestId, key, since, deadline: since + live.spec.timeoutMs } as const;
    const call = make(live, target, wanted, (made) => made);
    const place = calls.push(call);
    try {
      return await call.ended;
    } finally {
      calls.leave(place);
    }
  }

  async function settle(sampled: Sampled, other: Ended): Promise<void> {
    const { live, input, requestId, key, primary, ended } = sampled;
    const [legacy, wasm] = primary === 'legacy' ? [ended, other] : [other, ended];
    const comparison = await compare(live.spec, legacy, wasm, (none) => dropUncompared(live, none));
    if (comparison === null) return;
    onCompared({ live, comparison, input, legacy, wasm, primary, requestId, key, at: wallClock() });
  }

  function dropUncompared(live: LiveFunction, none: NotCompared): void {
    if (none.reason === 'comparer-failed') onDropped(live, none.reason, none.why);
    else onDropped(live, none.reason);
  }

  /** Whatever differs between two runs of legacy cannot be held against wasm. */
  async function lookForNoise(sampled: Sampled, legacy: Ended): Promise<void> {
    const { live } = sampled;
    if (isFailure(legacy) || random() * 10_000 >= hundredths(live.spec.noise)) return;
    const again = await runOn('legacy', sampled);
    if (again === null || isFailure(again.result)) return;
    const comparison = await compare(live.spec, legacy, again.result);
    if (comparison !== null) onNoise({ live, differences: comparison.differences });
  }

  function idleWithin(ms: number): Promise<void> {
    if (running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    offer,
    settle: (sampled, other) => void settle(sampled, other).catch(onDefect),
    async close() {
      stopping = true;
      for (const { waiting } of busy) {
        for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) {
          finish(each);
          onDropped(each.live, 'stopping');
        }
      }
      busy = [];
      await idleWithin(closingMs);
      for (const { cancel } of calls.members()) cancel();
      await Promise.all(calls.members().map(({ ended }) => ended));
    },
  };
}

/** Why how a mirrored call ended says nothing about the function. */
function unheard({ result, callMs }: Made, timeoutMs: number): DropReason | null {
  if (!isFailure(result)) return null;
  switch (result.code) {
    case 'overloaded':
    case 'unavailable':
      return 'unavailable';
    case 'cancelled':
      return 'stopping';
    case 'timeout':
      // Its time had gone by in the queue, where mirrored calls come last.
      return callMs === null || callMs < timeoutMs * 0.9 ? 'expired' : null;
    default:
      return null;
  }
}

function otherThan(side: BackendName): BackendName {
  return side === 'legacy' ? 'wasm' : 'legacy';
}

function weightOf({ input, ended }: Sampled): number {
  return input.length + (isFailure(ended) ? 0 : ended.output.length);
}
