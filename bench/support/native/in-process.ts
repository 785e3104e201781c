import { openInProcess } from '../../../adapters/native/in-process/open.js';
import { inBatches } from '../batches.js';
import { median } from '../median.js';
import { ratioOf } from '../pump.js';
import { barest as barestOf, documented as documentedOf } from './bare-koffi.js';
import { callOf, FAULTY, faulty } from './backends.js';

const OURS = 'Banyan';
const BAREST = 'koffi, barest';
const DOCUMENTED = 'koffi, as documented';

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
  const barest = barestOf(FAULTY, 'faulty_echo');
  const documented = documentedOf(FAULTY, 'faulty_echo');
  const input = Buffer.alloc(bytes, 'a');
  const call = callOf('echo', input);
  // As every call that comes through a queue, which has looked at the clock.
  call.handedOverAt = performance.now();
  const calls = Math.min(50_000, Math.max(200, Math.round(2 ** 26 / (bytes + 1_024))));

  // A loop for each: one that all shared would have to look up what it calls.
  const ways = [
    {
      name: OURS,
      run: async (times: number) => {
        for (let made = 0; made < times; made++) await backend.call(call);
      },
    },
    {
      name: BAREST,
      run: (times: number) => {
        for (let made = 0; made < times; made++) barest(input);
      },
    },
    {
      name: DOCUMENTED,
      run: (times: number) => {
        for (let made = 0; made < times; made++) documented(input);
      },
    },
  ];
  const figures = await inBatches(ways, rounds, calls);
  await backend.close();
  return {
    bytes,
    ours: median(figures.get(OURS) ?? []),
    barest: median(figures.get(BAREST) ?? []),
    documented: median(figures.get(DOCUMENTED) ?? []),
    toBarest: ratioOf(figures, OURS, BAREST),
    toDocumented: ratioOf(figures, OURS, DOCUMENTED),
  };
}
