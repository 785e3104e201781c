import { createHash } from 'node:crypto';
import type { Backend } from '../../../src/domain/backend.js';
import { Failed } from '../../../src/domain/failure.js';
import type { Lanes } from '../../../adapters/wasm/parent/lanes.js';
import { textOf } from '../check.js';
import { callOf, specOf } from './specs.js';

/** What a call of the soak is meant to end with: its output, or a failure of this code. */
type Expected = { readonly output: Buffer } | { readonly code: string };

/** A function of a plugin with an input, and what has to become of it. */
interface Errand {
  readonly function: string;
  readonly input: Uint8Array;
  readonly expected: Expected;
  /** Milliseconds until the call is stopped. */
  readonly within?: number;
}

export interface SoakPlugin {
  readonly backend: Backend;
  readonly sane: readonly Errand[];
  /** What it can be asked for that ends badly; of a plugin that knows nothing bad: none. */
  readonly bad: readonly Errand[];
}

const SIZES = [64, 64, 64, 64, 1_024, 1_024, 16 * 1_024, 256 * 1_024];
const WITHIN = 60_000;
/** Of what never ends. */
const SOON = 25;
const OUTPUT_LIMIT = 512 * 1_024;

const NOTHING = new Uint8Array(0);
const badly = (name: string, code: string, input: Uint8Array = NOTHING): Errand => ({
  function: name,
  input,
  expected: { code },
});

const TRAPS = ['segfault', 'abort', 'exit0', 'overflow', 'wild', 'dangling', 'leak'];
const FAULTY = [...TRAPS, 'echo', 'error', 'status', 'loop'];

/** Traps of every kind, memory over its limit, errors, an output over its limit; every twentieth never ends. */
const BAD: readonly Errand[] = Array.from({ length: 20 }, (_, index): Errand => {
  if (index === 19) return { ...badly('loop', 'timeout'), within: SOON };
  if (index === 18) return badly('echo', 'output-too-large', Buffer.alloc(OUTPUT_LIMIT + 1, 'a'));
  if (index % 3 === 2) return badly(index % 2 === 0 ? 'error' : 'status', 'plugin-error');
  return badly(TRAPS[index % TRAPS.length] ?? 'abort', 'trapped');
});

/** Opens so many plugins: two of five count vowels, one hashes, two echo and go wrong in every way. */
export async function openSoakPlugins(lanes: Lanes, count: number): Promise<readonly SoakPlugin[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => openOne(lanes, index)));
}

async function openOne(lanes: Lanes, index: number): Promise<SoakPlugin> {
  const open = (fixture: string, functions: readonly string[]): Promise<Backend> =>
    lanes.open(specOf(fixture, functions, { plugin: `soak-${index}`, outputLimit: OUTPUT_LIMIT }), () => undefined);
  const texts = SIZES.map((size) => Buffer.from(textOf(size)));
  switch (index % 5) {
    case 0:
    case 1:
      return {
        backend: await open('vowels', ['count']),
        sane: texts.map((input) => ({
          function: 'count',
          input,
          expected: {
            output: Buffer.from(`{"count":${input.toString('latin1').match(/[aeiou]/gi)?.length ?? 0}}`),
          },
        })),
        bad: [],
      };
    case 2:
      return {
        backend: await open('sha256', ['digest']),
        sane: texts.map((input) => ({
          function: 'digest',
          input,
          expected: { output: createHash('sha256').update(input).digest() },
        })),
        bad: [],
      };
    default:
      return {
        backend: await open('faulty', FAULTY),
        sane: texts.map((input) => ({ function: 'echo', input, expected: { output: input } })),
        bad: BAD,
      };
  }
}

/** Runs an errand. Resolves with what it ended with: `ok` or the code that was expected; throws for anything else. */
export async function run({ backend }: SoakPlugin, errand: Errand): Promise<string> {
  const { expected, within } = errand;
  const call = callOf('soak', errand.function, errand.input, within ?? WITHIN);
  const stop = within === undefined ? null : setTimeout(() => call.stop('timeout'), within);
  try {
    const { output } = await backend.call(call);
    if (!('output' in expected) || !expected.output.equals(output))
      throw new Error(`${errand.function} of ${errand.input.length} bytes was answered ${output.length} other bytes`);
    return 'ok';
  } catch (error) {
    if (!(error instanceof Failed) || !('code' in expected) || error.failure.code !== expected.code) throw error;
    return expected.code;
  } finally {
    if (stop !== null) clearTimeout(stop);
  }
}
