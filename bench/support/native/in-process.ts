import { openInProcess } from '../../../adapters/native/in-process/open.js';
import { median } from '../median.js';
import { barestEcho, documentedEcho } from './bare-koffi.js';
import { callOf, faulty } from './backends.js';

export interface InProcessFigures {
  readonly bytes: number;
  /** Nanoseconds a call, medians. */
  readonly ours: number;
  readonly barest: number;
  readonly documented: number;
  /** Medians over the rounds. */
  readonly toBarest: number;
  readonly toDocumented: number;
}

/** The same function in this very process: through the adapter, and by koffi alone. */
export async function measureInProcess(bytes: number, rounds: number): Promise<InProcessFigures> {
  const backend = await openInProcess(faulty({ isolation: 'in-process' }), () => undefined);
  const [barest, documented] = [barestEcho(), documentedEcho()];
  const input = Buffer.alloc(bytes, 'a');
  const call = callOf('echo', input);
  // As every call that comes through a queue, which has looked at the clock.
  call.handedOverAt = performance.now();
  const calls = Math.min(50_000, Math.max(200, Math.round(2 ** 26 / (bytes + 1_024))));

  const ways = {
    ours: async () => {
      for (let made = 0; made < calls; made++) await backend.call(call);
    },
    barest: () => {
      for (let made = 0; made < calls; made++) barest(input);
    },
    documented: () => {
      for (let made = 0; made < calls; made++) documented(input);
    },
  };
  const figures = { ours: [] as number[], barest: [] as number[], documented: [] as number[] };
  for (let round = -2; round < rounds; round++) {
    for (const way of ['ours', 'barest', 'documented'] as const) {
      const from = process.hrtime.bigint();
      await ways[way]();
      if (round >= 0) figures[way].push(Number(process.hrtime.bigint() - from) / calls);
    }
  }
  await backend.close();
  const ratio = (others: readonly number[]): number =>
    median(figures.ours.map((ours, round) => ours / (others[round] ?? Number.NaN)));
  return {
    bytes,
    ours: median(figures.ours),
    barest: median(figures.barest),
    documented: median(figures.documented),
    toBarest: ratio(figures.barest),
    toDocumented: ratio(figures.documented),
  };
}
