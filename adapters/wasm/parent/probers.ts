import { Failed, type Failure } from '../../../src/domain/failure.js';
import { clockOffset, type FromLane } from '../messages.js';
import type { LaneLimits } from './lane.js';
import { type Probe, type Prober, startProber } from './prober.js';

/** Probers that are started whenever there is something to probe. */
const AT_FIRST = 2;
/** Probers at most, with those that are held up. */
const MOST = 16;
/** When nothing has moved for so long while something waits, one more prober is started. Milliseconds. */
const STALLED = 100;
/** How long probers without work are kept. Milliseconds. */
const LINGER = 1_000;

export interface Probers {
  /**
   * Resolves to whether the module has been started: false when nobody came to it within the time that a start may take.
   * Rejects with Failed for one that cannot be started.
   */
  probe(probe: Probe): Promise<boolean>;
  close(): Promise<void>;
}

interface ProbersOptions {
  readonly kernel: WebAssembly.Module;
  readonly limits: LaneLimits;
  /** Milliseconds that a module has for its start. */
  readonly startWithinMs: number;
  readonly logged: (message: Extract<FromLane, { readonly type: 'log' }>) => void;
}

interface Waiting {
  readonly probe: Probe;
  readonly resolve: (begun: boolean | Promise<boolean>) => void;
  readonly until: number;
}

/**
 * Lanes that probe modules, away from those that serve, so that a start that never ends holds up no call; nor other
 * probes, for which more lanes are started. They end when there is nothing to do.
 */
export function makeProbers({ kernel, limits, startWithinMs, logged }: ProbersOptions): Probers {
  const offset = clockOffset();
  const all = new Set<Prober>();
  const idle: Prober[] = [];
  const waiting: Waiting[] = [];
  let latest = 0;
  let most = AT_FIRST;
  let stalled: NodeJS.Timeout | null = null;
  let linger: NodeJS.Timeout | null = null;
  let isClosed = false;

  const add = (): Prober => {
    const prober = startProber({
      id: latest++,
      kernel,
      limits,
      clockOffset: offset,
      startWithinMs,
      logged,
      ended() {
        all.delete(prober);
        if (idle.includes(prober)) idle.splice(idle.indexOf(prober), 1);
        pump();
      },
    });
    all.add(prober);
    return prober;
  };

  const run = async (prober: Prober, probe: Probe): Promise<boolean> => {
    try {
      await prober.probe(probe);
      return true;
    } catch (error) {
      // The lane never came to it, and ended or was too busy: no word against the module.
      if (error instanceof Failed && !hasBegun(error.failure)) return false;
      throw error;
    } finally {
      if (prober.canProbe()) idle.push(prober);
      most = AT_FIRST;
      pump();
    }
  };

  const pump = (): void => {
    if (stalled !== null) clearTimeout(stalled);
    if (linger !== null) clearTimeout(linger);
    stalled = linger = null;
    while (waiting.length > 0) {
      const prober = idle.pop() ?? (all.size < most ? add() : undefined);
      if (prober === undefined) break;
      const next = waiting.shift();
      next?.resolve(run(prober, next.probe));
    }
    if (waiting.length > 0) stalled = setTimeout(widen, STALLED);
    else if (idle.length > 0) linger = setTimeout(() => void endIdle(), LINGER).unref();
  };

  const widen = (): void => {
    most = Math.min(MOST, all.size + 1);
    const now = performance.now();
    while (waiting[0] !== undefined && waiting[0].until <= now) waiting.shift()?.resolve(false);
    pump();
  };

  const endIdle = async (): Promise<void> => {
    await Promise.all(idle.splice(0).map((prober) => prober.end()));
  };

  return {
    probe(probe) {
      if (isClosed) return Promise.resolve(false);
      return new Promise((resolve) => {
        waiting.push({ probe, resolve, until: performance.now() + startWithinMs });
        pump();
      });
    },
    async close() {
      isClosed = true;
      for (const { resolve } of waiting.splice(0)) resolve(false);
      pump();
      await Promise.all([...all].map((prober) => prober.end()));
    },
  };
}

function hasBegun(failure: Failure): boolean {
  return failure.code === 'timeout' ? failure.begun : failure.code !== 'unavailable';
}
