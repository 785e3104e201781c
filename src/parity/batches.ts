interface Batches<Item, Result> {
  /** The next batch, in order; empty when there are no more. Knows what all batches but the latest two have shown. */
  readonly next: () => readonly Item[] | Promise<readonly Item[]>;
  readonly run: (item: Item) => Promise<Result>;
  /** Told of every batch in order, when all of it has run; false: there are to be no more. */
  readonly take: (results: readonly Result[], settled: () => Promise<unknown>) => boolean | Promise<boolean>;
}

/**
 * Runs batches of calls: while one is looked at and the next one made, another one runs, so that both sides always have
 * something to do. What is made depends on the order of calls alone, never on how long they take.
 */
export async function inBatches<Item, Result>({ next, run, take }: Batches<Item, Result>): Promise<void> {
  let ahead: Promise<readonly Result[]> | null = null;
  for (;;) {
    const batch = await next();
    const running: Promise<readonly Result[]> | null = batch.length === 0 ? null : Promise.all(batch.map(run));
    // Awaited below; until then nobody would hear it.
    running?.catch(() => undefined);
    const settled = async (): Promise<unknown> => await running;
    if (ahead !== null && !(await take(await ahead, settled))) {
      await settled();
      return;
    }
    if (running === null) return;
    ahead = running;
  }
}
