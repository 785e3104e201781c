/** One way of doing what others do differently: so many times, one after the other. */
export interface Way {
  readonly name: string;
  readonly run: (times: number) => Promise<void> | void;
}

/** Nanoseconds each, round by round. Every round does all of them, in another order; two before warm up. */
export async function inBatches(
  ways: readonly Way[],
  rounds: number,
  times: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const measured = new Map(ways.map(({ name }) => [name, [] as number[]]));
  for (let round = -2; round < rounds; round++) {
    for (const index of ways.keys()) {
      const way = ways[(index + Math.max(round, 0)) % ways.length];
      if (way === undefined) continue;
      const from = process.hrtime.bigint();
      await way.run(times);
      if (round >= 0) measured.get(way.name)?.push(Number(process.hrtime.bigint() - from) / times);
    }
  }
  return measured;
}
