import { setTimeout as pause } from 'node:timers/promises';
import { median } from './median.js';

/** Something that takes one message at a time, or many. */
export interface Pumped {
  readonly name: string;
  readonly call: (message: Uint8Array) => Promise<unknown>;
  /** What has to be over before the next call, and is no part of the time of the one before. */
  readonly settle?: () => Promise<unknown>;
}

/** Calls a second, with so many of them on their way all the time. */
export async function throughput({ call }: Pumped, message: Uint8Array, inFlight: number, ms: number): Promise<number> {
  const from = performance.now();
  const until = from + ms;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      await call(message);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return done / ((performance.now() - from) / 1_000);
}

/** The median time of a call, in microseconds, one after the other. */
export async function latency({ call, settle }: Pumped, message: Uint8Array, ms: number): Promise<number> {
  const until = performance.now() + ms;
  const times: number[] = [];
  for (let from = performance.now(); from < until; from = performance.now()) {
    await call(message);
    times.push((performance.now() - from) * 1_000);
    await settle?.();
  }
  return median(times);
}

/** Measures all in every round, each round in another order; answers what each did, round by round. */
export async function interleaved(
  pumped: readonly Pumped[],
  rounds: number,
  measure: (one: Pumped) => Promise<number>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const measured = new Map(pumped.map(({ name }) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round++) {
    for (const index of pumped.keys()) {
      const one = pumped[(index + Math.max(round, 0)) % pumped.length];
      if (one === undefined) continue;
      const figure = await measure(one);
      // The first round warms compilers and memory up.
      if (round >= 0) measured.get(one.name)?.push(figure);
      await pause(50);
    }
  }
  return measured;
}

/** How many times as much as another: the median over the rounds, which share their neighbours' weather. */
export function ratioOf(measured: ReadonlyMap<string, readonly number[]>, one: string, other: string): number {
  const others = measured.get(other) ?? [];
  return median((measured.get(one) ?? []).map((figure, round) => figure / (others[round] ?? Number.NaN)));
}
