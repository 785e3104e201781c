import { setTimeout as pause } from 'node:timers/promises';
import { check } from './check.js';
import type { Contestant } from './contestant.js';
import { median } from './median.js';
import type { Patience } from './others.js';
import { load } from './wrk.js';
import type { Measurement } from './wrk.js';

/** Lets garbage collections and closing connections of the one before end. */
const BETWEEN_MS = 250;

interface RoundsOptions {
  readonly contestants: readonly Contestant[];
  readonly bytes: number;
  readonly script: string;
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly rounds: number;
  /** For measurements that other processes spoilt. */
  readonly patience: Patience;
}

interface Round extends Measurement {
  /** Cores that other processes took meanwhile. */
  readonly others: number;
}

/** What one contestant did, round by round, with the medians. */
export interface Standing extends Round {
  readonly name: string;
  readonly rounds: readonly Round[];
}

/**
 * Measures all contestants in every round, each round in another order, so that what the machine does meanwhile meets
 * all of them alike. One is under load at a time. Throws when an answer before or after is wrong.
 */
export async function playRounds(options: RoundsOptions): Promise<Standing[]> {
  const { contestants, bytes, script, connections, warmUpSeconds, seconds, rounds, patience } = options;
  const measured = new Map(contestants.map((contestant) => [contestant, [] as Round[]]));

  const measure = async (contestant: Contestant, duration: number): Promise<Measurement> => {
    await contestant.prepare();
    const measurement = await load({ url: contestant.url, script, connections, seconds: duration });
    await pause(BETWEEN_MS);
    return measurement;
  };
  for (const contestant of contestants) {
    await contestant.prepare();
    await check(contestant, bytes);
    await measure(contestant, warmUpSeconds);
  }
  for (let round = 0; round < rounds; round++) {
    for (const contestant of rotated(contestants, round)) {
      measured.get(contestant)?.push(await patience.measure(() => measure(contestant, seconds)));
    }
    process.stderr.write(`${bytes} bytes: round ${round + 1} of ${rounds}\n`);
  }
  for (const contestant of contestants) {
    await contestant.prepare();
    await check(contestant, bytes);
  }
  return [...measured].map(([{ name }, all]) => ({
    name,
    requestsPerSecond: median(all.map((one) => one.requestsPerSecond)),
    p50: median(all.map((one) => one.p50)),
    p99: median(all.map((one) => one.p99)),
    errors: all.reduce((sum, one) => sum + one.errors, 0),
    others: Math.max(...all.map((one) => one.others)),
    rounds: all,
  }));
}

/** How many times as many requests as `other`: the median over the rounds, which share their neighbours' weather. */
export function ratio(one: Standing, other: Standing): number {
  return median(
    one.rounds.map((round, at) => round.requestsPerSecond / (other.rounds[at]?.requestsPerSecond ?? Number.NaN)),
  );
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
