// Whether anything grows: a million calls, a thousand crashes, and a minute in which children are killed all the time.
import { Failed } from '../src/domain/failure.js';
import { storm } from './support/kill-storm.js';
import { describeMachine, machineLine } from './support/machine.js';
import { callOf, faulty, type Opened, opener } from './support/native/backends.js';
import { readSoakOptions } from './support/native/soak-options.js';
import { growth, type Sample, sample } from './support/soak-samples.js';
import { keepResults } from './support/results.js';
import { tableLines, whole } from './support/table.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const SLICES = 10;
const CALLERS = 16;
const POOL = 2;

/** Of a thousand calls so many are of each size, in bytes. */
const SIZES = [
  [700, 64],
  [200, KIB],
  [80, 16 * KIB],
  [16, 256 * KIB],
  [4, MIB],
] as const;
const SIZE_OF = SIZES.flatMap(([calls, size]) => new Array<number>(calls).fill(size));

const options = readSoakOptions();
let serial = 0;

/** Echoes an input like no other; resolves with `ok` when all of it came back. */
async function ask({ backend }: Opened): Promise<string> {
  serial += 1;
  // 389 and 1,000 have no divisor in common, so that sizes come in no order.
  const input = Buffer.alloc(SIZE_OF[(serial * 389) % SIZE_OF.length] ?? KIB, serial);
  input.writeUInt32LE(serial);
  try {
    const { output } = await backend.call(callOf('echo', input));
    return input.equals(output) ? 'ok' : `call ${serial} was answered other bytes`;
  } catch (error) {
    return error instanceof Failed ? error.failure.code : String(error);
  }
}

async function askMany(opened: Opened, calls: number): Promise<void> {
  let left = calls;
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const said = await ask(opened);
      if (said !== 'ok') throw new Error(`a call that should have been answered: ${said}`);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

function pidsOf({ state }: Opened): readonly number[] {
  const now = state();
  return now.state === 'ready' ? now.pids : [];
}

/** Samples before the first slice, which comes after a warm-up of the same length, and after each. */
async function inSlices(total: number, opened: Opened, slice: (steps: number) => Promise<void>): Promise<Sample[]> {
  const steps = Math.ceil(total / SLICES);
  await slice(steps);
  const samples = [await sample(0, pidsOf(opened))];
  for (let done = steps; done <= steps * SLICES; done += steps) {
    await slice(steps);
    samples.push(await sample(done, pidsOf(opened)));
  }
  return samples;
}

async function soakInCalls(): Promise<readonly Sample[]> {
  const opened = await opener()(faulty({ poolSize: POOL }));
  const samples = await inSlices(options.calls, opened, (calls) => askMany(opened, calls));
  await opened.backend.close();
  return samples;
}

async function soakInRestarts(): Promise<readonly Sample[]> {
  const opened = await opener()(faulty());
  const samples = await inSlices(options.restarts, opened, async (restarts) => {
    for (let crash = 0; crash < restarts; crash++) {
      const crashed = opened.backend.call(callOf('segfault', Buffer.alloc(16))).then(
        () => 'answered',
        (error: unknown) => (error instanceof Failed ? error.failure.code : String(error)),
      );
      // Behind it, so that they are run by the next child.
      await askMany(opened, 2 * CALLERS);
      if ((await crashed) !== 'crashed') throw new Error(`a crash ended as ${await crashed}`);
    }
  });
  await opened.backend.close();
  return samples;
}

function print(title: string, unit: string, per: number, samples: readonly Sample[]): object {
  const mib = (bytes: number): string => (bytes / MIB).toFixed(1);
  console.log(`${title}\n`);
  const rows = samples.map((at) => [
    whole(at.done),
    ...[at.rss, at.heap, at.outside, at.childRss].map(mib),
    whole(at.descriptors),
    whole(at.childDescriptors),
  ]);
  const slopes = {
    rssKib: growth(samples, ({ rss }) => rss / KIB, per),
    heapKib: growth(samples, ({ heap }) => heap / KIB, per),
    outsideKib: growth(samples, ({ outside }) => outside / KIB, per),
    childRssKib: growth(samples, ({ childRss }) => childRss / KIB, per),
    descriptors: growth(samples, ({ descriptors }) => descriptors, per),
    childDescriptors: growth(samples, ({ childDescriptors }) => childDescriptors, per),
  };
  const head = [unit, 'RSS MiB', 'heap', 'outside', "children's RSS", 'descriptors', "children's"];
  for (const line of tableLines(head, rows)) console.log(line);
  const said = Object.entries(slopes).map(([what, slope]) => `${what} ${slope.toFixed(2)}`);
  console.log(`\nslope per ${whole(per)} ${unit}: ${said.join(', ')}\n`);
  return { per, slopes, samples };
}

const machine = describeMachine();
console.log(`${machineLine(machine)}\n`);
const calls = print(`${whole(options.calls)} calls of 64 B to 1 MiB`, 'calls', 100_000, await soakInCalls());
const restarts = print(`${whole(options.restarts)} crashes`, 'restarts', 100, await soakInRestarts());

const stormed = await opener()(faulty({ poolSize: 3 }));
const target = { ask: () => ask(stormed), pids: () => pidsOf(stormed), random: Math.random };
const damage = await storm(target, 3 * CALLERS, 10 * options.seconds, 100);
const after = await ask(stormed);
await stormed.backend.close();
console.log(`kill -9 of ten children a second for ${options.seconds} s:`);
console.log(
  `${whole(damage.kills)} kills, ${whole(damage.calls)} calls: ${whole(damage.answered)} answered, ${damage.crashed} had begun, ` +
    `${damage.wrong.length} wrong; the slowest took ${damage.slowestMs.toFixed(0)} ms; then: ${after}`,
);
if (damage.wrong.length > 0 || damage.crashed > damage.kills || after !== 'ok') process.exitCode = 1;
await keepResults('native-soak', machine, { options, calls, restarts, damage });
