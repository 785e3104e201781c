import type { BackendName } from '../domain/backend.js';
import type { Compare, NotCompared } from '../domain/compare.js';
import type { Compared, NoiseRun } from '../domain/compared.js';
import type { Ended } from '../domain/comparison.js';
import { isFailure } from '../domain/dispatch.js';
import type { Generation, LiveFunction } from '../domain/generation.js';
import { otherThan, type DropReason, type Sampled } from '../domain/mirror.js';
import type { RouteInForce } from '../domain/route.js';
import { hundredths } from '../domain/stage.js';
import { type Attempt, attempts, type AttemptOptions, type Made, type Wanted } from './attempt.js';
import { Fifo } from './fifo.js';
import { tellsNothing } from './tells-nothing.js';

export interface SecondRunOptions extends AttemptOptions {
  readonly current: () => Generation;
  readonly compare: Compare;
  readonly onCompared: (compared: Compared) => void;
  readonly onNoise: (run: NoiseRun) => void;
  /** `why` is for people, where the reason does not say it all. */
  readonly onDropped: (live: LiveFunction, reason: DropReason, why?: string) => void;
  readonly random?: () => number;
  /** Milliseconds since the epoch. */
  readonly wallClock?: () => number;
}

/** Runs sampled calls on the other side and compares how they ended. */
export interface SecondRuns {
  /** Resolves when all that comes of it has been told; rejects by a mistake of ours alone. */
  run(sampled: Sampled): Promise<void>;
  /** Compares with how the other side has ended. */
  settle(sampled: Sampled, other: Ended): Promise<void>;
  /** From now on nothing is begun; what runs is not cut off. */
  stop(): void;
  /** Cuts off what runs; resolves when nothing does. */
  cancel(): Promise<void>;
}

export function createSecondRuns(options: SecondRunOptions): SecondRuns {
  const { current, compare, onCompared, onNoise, onDropped, now } = options;
  const { random = Math.random, wallClock = Date.now } = options;
  const make = attempts(options);
  const calls = new Fifo<Attempt<Made>>();
  let stopping = false;

  async function run(sampled: Sampled): Promise<void> {
    const made = await runOn(otherThan(sampled.primary), sampled, { again: false });
    const notRun = stopping ? 'stopping' : 'replaced';
    const reason = made === null ? notRun : tellsNothing(made);
    if (made === null || reason !== null) {
      onDropped(sampled.live, reason ?? notRun);
      return;
    }
    await settle(sampled, made.result);
    await lookForNoise(sampled, sampled.primary === 'legacy' ? sampled.ended : made.result);
  }

  /** Null when it is not wanted there any more: by a flip, a trip, or a reload, after which that side may be closed. */
  async function runOn(
    side: BackendName,
    { live, input, requestId, key }: Sampled,
    { again }: { readonly again: boolean },
  ): Promise<Made | null> {
    const target = live[side];
    const inForce = current().plugins.get(live.plugin)?.functions.get(live.spec.name);
    if (target === null || inForce?.[side] !== target || !isMirrored(inForce.route) || stopping) return null;
    const { timeoutMs } = live.spec;
    const since = now();
    const wanted: Wanted = {
      role: 'shadow',
      again,
      input,
      requestId,
      key,
      since,
      deadline: since + timeoutMs,
      timeoutMs,
    };
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
    if (none.reason === 'comparer-busy') onDropped(live, none.reason);
    else onDropped(live, none.reason, none.why);
  }

  /** Whatever differs between two runs of legacy cannot be held against wasm. */
  async function lookForNoise(sampled: Sampled, legacy: Ended): Promise<void> {
    const { live } = sampled;
    if (isFailure(legacy) || random() * 10_000 >= hundredths(live.spec.noise)) return;
    const second = await runOn('legacy', sampled, { again: true });
    if (second === null || isFailure(second.result)) return;
    const comparison = await compare(live.spec, legacy, second.result);
    if (comparison !== null) onNoise({ live, differences: comparison.differences });
  }

  return {
    run,
    settle,
    stop: () => void (stopping = true),
    async cancel() {
      for (const { cancel } of calls.members()) cancel();
      await Promise.all(calls.members().map(({ ended }) => ended));
    },
  };
}

function isMirrored({ effective }: RouteInForce): boolean {
  return 'sample' in effective && effective.sample > 0;
}
