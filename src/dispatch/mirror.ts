import type { Ended } from '../domain/comparison.js';
import { isFailure } from '../domain/dispatch.js';
import type { LiveFunction } from '../domain/generation.js';
import { type DropReason, otherThan, type Sampled } from '../domain/mirror.js';
import type { PluginFunction } from '../domain/plugin.js';
import { Fifo } from './fifo.js';
import { createSecondRuns, type SecondRunOptions } from './second-run.js';
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

interface MirrorOptions extends SecondRunOptions {
  readonly spare: Spare;
  /** How long what runs is waited for at the end. */
  readonly closingMs?: number;
}

/** Where sampled calls go once their callers have been answered. */
export interface Mirror {
  /** Runs it on the other side as well, when there is room, and compares; drops and counts it otherwise. */
  offer(sampled: Sampled): void;
  /**
   * Compares a call that both sides have run already: legacy answered where wasm had failed. It is dropped where one
   * that has to be run would be: else, under load, hardly any but failed ones would be compared.
   */
  settle(sampled: Sampled, other: Ended): void;
  /** Drops what waits, and soon stops what runs; resolves when no call runs any more. */
  close(): Promise<void>;
}

interface Waiting {
  readonly sampled: Sampled;
  /** When it is too late to begin, on the monotonic clock. */
  readonly until: number;
}

interface Line {
  readonly waiting: Fifo<Waiting>;
  running: number;
}

/**
 * Mirrors sampled calls: after the reply, at low priority, with a time-out of their own that counts from when they are
 * handed over, and waiting no longer than that. What does not fit in is dropped, never waited for.
 */
export function createMirror(options: MirrorOptions): Mirror {
  const { spare, onDropped, onDefect, now, closingMs = CLOSING_MS } = options;
  const mirrored = createSecondRuns(options);
  // A flip makes functions anew, and not what the manifest says of them.
  const lines = new WeakMap<PluginFunction, Line>();
  /** Those in which calls wait. */
  let busy: Line[] = [];
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
    line.waiting.push({ sampled, until: now() + live.spec.timeoutMs });
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
    const waiting = line.waiting.shift();
    if (waiting === undefined) return false;
    const { sampled, until } = waiting;
    const { live } = sampled;
    // What the answers depend on may have changed meanwhile.
    if (now() > until) return drop(sampled, 'expired');
    // A backend that was tripped is tried with one call at a time.
    if (line.running > 0 && live.route.tripped?.halfOpen === true) return drop(sampled, 'busy');
    line.running += 1;
    running += 1;
    void mirrored
      .run(sampled)
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

  function drop(sampled: Sampled, reason: DropReason): true {
    finish(sampled);
    onDropped(sampled.live, reason);
    return true;
  }

  function finish(sampled: Sampled): void {
    bytes -= weightOf(sampled);
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
    settle(sampled, other) {
      const refusal = refusalOf(sampled);
      if (refusal !== null) onDropped(sampled.live, refusal);
      // Its caller's reply goes first.
      else setImmediate(() => void mirrored.settle(sampled, other).catch(onDefect));
    },
    async close() {
      stopping = true;
      mirrored.stop();
      for (const { waiting } of busy) {
        for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) drop(each.sampled, 'stopping');
      }
      busy = [];
      await idleWithin(closingMs);
      await mirrored.cancel();
    },
  };
}

function weightOf({ input, ended }: Sampled): number {
  return input.length + (isFailure(ended) ? 0 : ended.output.length);
}
