import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Long enough for a spare to be started and for what was closed to be gone. */
const SETTLE_MS = 400;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What a gateway and its children hold at one moment, after a garbage collection. Memory in bytes. */
export interface Sample {
  /** Calls or restarts up to here. */
  readonly done: number;
  readonly rss: number;
  readonly heap: number;
  /** Buffers, outside the heap. */
  readonly outside: number;
  readonly descriptors: number;
  readonly threads: number;
  /** Address space, of which wasm memories reserve far more than they use. */
  readonly reserved: number;
  /** Of the children that answer calls, together. */
  readonly childRss: number;
  readonly childDescriptors: number;
}

export async function sample(done: number, children: readonly number[]): Promise<Sample> {
  await pause(SETTLE_MS);
  for (let round = 0; round < 3; round++) {
    collect();
    await pause(10);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const sum = (of: (pid: number) => number): number => children.reduce((total, pid) => total + of(pid), 0);
  return {
    done,
    rss,
    heap: heapUsed,
    outside: external,
    descriptors: descriptorsOf(process.pid),
    threads: statusOf(process.pid, 'Threads'),
    reserved: statusOf(process.pid, 'VmSize') * 1024,
    childRss: sum(rssOf),
    childDescriptors: sum(descriptorsOf),
  };
}

/** The slope of the line that fits the samples best: how much of it comes with each `per` calls or restarts. */
export function growth(samples: readonly Sample[], of: (sample: Sample) => number, per: number): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = samples.map(({ done }) => done / per);
  const y = samples.map(of);
  const [meanX, meanY] = [mean(x), mean(y)];
  const along = x.reduce((sum, each, index) => sum + (each - meanX) * ((y[index] ?? 0) - meanY), 0);
  return along / x.reduce((sum, each) => sum + (each - meanX) ** 2, 0);
}

function rssOf(pid: number): number {
  return statusOf(pid, 'VmRSS') * 1024;
}

function statusOf(pid: number, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
