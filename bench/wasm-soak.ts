// Whether anything grows: two million calls over fifty plugins, with every way to go wrong among them.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startLanes } from '../adapters/wasm/parent/lanes.js';
import { describeMachine, machineLine } from './support/machine.js';
import { keepResults } from './support/results.js';
import { growth, type Sample, sample } from './support/soak-samples.js';
import { tableLines, whole } from './support/table.js';
import { openSoakPlugins, run, type SoakPlugin } from './support/wasm/soak-plugins.js';

const PLUGINS = 50;
const CALLERS = 32;
const SLICES = 10;
/** One call of so many goes wrong; one of twenty of those never ends, and costs a lane. */
const BAD_EVERY = 100;
const KIB = 1_024;
const MIB = 1_024 * KIB;

const { values } = parseArgs({ options: { calls: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const total = Number(values.calls ?? (values.quick ? '20000' : '2000000'));
if (!Number.isInteger(total) || total < 1_000) throw new Error('--calls is a whole number of at least 1000');

const lanes = startLanes({ lanes: availableParallelism() });
const plugins = await openSoakPlugins(lanes, PLUGINS);
const ends = new Map<string, number>();
const faulty = plugins.filter(({ bad }) => bad.length > 0);
let serial = 0;
let badOnes = 0;

/** One after the other, so that every run asks for the same. */
async function askOne(): Promise<void> {
  serial += 1;
  const isBad = serial % BAD_EVERY === 0;
  const from: readonly SoakPlugin[] = isBad ? faulty : plugins;
  const plugin = from[(serial % 7919) % from.length];
  const errands = isBad ? plugin?.bad : plugin?.sane;
  const errand = errands?.[(isBad ? badOnes++ : serial) % errands.length];
  if (plugin === undefined || errand === undefined) throw new Error('there is no such plugin');
  const end = await run(plugin, errand);
  ends.set(end, (ends.get(end) ?? 0) + 1);
}

async function askMany(calls: number): Promise<void> {
  let left = calls;
  const caller = async (): Promise<void> => {
    while (left-- > 0) await askOne();
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

const machine = describeMachine();
console.log(`${machineLine(machine)}\n`);
const slice = Math.ceil(total / SLICES);
const from = performance.now();
await askMany(slice);
const samples: Sample[] = [await sample(0, [])];
for (let done = slice; done <= slice * SLICES; done += slice) {
  await askMany(slice);
  samples.push(await sample(done, []));
}
const seconds = (performance.now() - from) / 1_000;

const rows = samples.map((at) => [
  whole(at.done),
  ...[at.rss, at.heap, at.outside].map((bytes) => (bytes / MIB).toFixed(1)),
  whole(at.descriptors),
  whole(at.threads),
  (at.reserved / 2 ** 40).toFixed(2),
]);
console.log(`${whole(total)} calls of 64 B to 256 KiB, after a tenth as many: ${seconds.toFixed(0)} s\n`);
for (const line of tableLines(['calls', 'RSS MiB', 'heap', 'outside', 'descriptors', 'threads', 'reserved TiB'], rows))
  console.log(line);

const of = {
  rssKib: ({ rss }: Sample) => rss / KIB,
  heapKib: ({ heap }: Sample) => heap / KIB,
  outsideKib: ({ outside }: Sample) => outside / KIB,
  descriptors: ({ descriptors }: Sample) => descriptors,
  threads: ({ threads }: Sample) => threads,
};
const per = 100_000;
const secondHalf = samples.slice(Math.floor(samples.length / 2));
const slopes = Object.fromEntries(Object.entries(of).map(([name, each]) => [name, growth(secondHalf, each, per)]));
const said = Object.entries(slopes).map(([name, slope]) => `${name} ${slope.toFixed(2)}`);
console.log(`\nslope of the second half, per ${whole(per)} calls: ${said.join(', ')}`);
console.log([...ends].map(([end, count]) => `${whole(count)} ${end}`).join(', '));

await Promise.all(plugins.map(({ backend }) => backend.close()));
await lanes.close();
await keepResults('wasm-soak', machine, { total, seconds, ends: Object.fromEntries(ends), slopes, samples });
