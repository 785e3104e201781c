import { allEnded } from './all-ended.js';

interface Batches<Item, Result> {
  /** The next batch, in order; empty when there are no more. Knows what all batches but the latest one have shown. */
  readonly next: () => readonly Item[] | Promise<readonly Item[]>;
  readonly run: (item: Item) => Promise<Result>;
  /** Told of every batch in order, when all of it has run; false: there are to be no more. */
  readonly take: (results: readonly Result[], settled: () => Promise<unknown>) => boolean | Promise<boolean>;
}

/**
 * Runs batches of calls: while one is looked at and the next one made, another one runs, so that both sides always have
 * something to do. What is made depends on the order of calls alone, never on how long they take. However it ends,
 * nothing runs any more then.
 */
export async function inBatches<Item, Result>({ next, run, take }: Batches<Item, Result>): Promise<void> {
  let ahead: Promise<readonly Result[]> | null = null;
  let running: Promise<readonly Result[]> | null = null;
  const settled = async (): Promise<unknown> => await Promise.allSettled([running]);
  try {
    for (;;) {
      const batch = await next();
      running = batch.length === 0 ? null : allEnded(batch.map(run));
      // Awaited below; until then nobody would hear it.
      running?.catch(() => undefined);
      if (ahead !== null && !(await take(await ahead, settled))) return;
      if (running === null) return;
      ahead = running;
    }
  } finally {
    await settled();
  }
}
