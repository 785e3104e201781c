import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { NativeSpec } from '../../../src/domain/native.js';
import { callOf, faulty, type Opened, opener } from './backends.js';

/** Long enough for spares to be started. */
const SETTLE_MS = 2_000;

/**
 * Bytes. `pss` divides what several processes map among all that do; `own` is what nobody else maps: it is what a further
 * process costs, and adds up.
 */
export interface Memory {
  readonly rss: number;
  readonly pss: number;
  readonly own: number;
}

export interface FamilyMemory {
  readonly plugins: number;
  /** Processes that run libraries. */
  readonly children: readonly Memory[];
  /** Spares. */
  readonly spares: readonly Memory[];
  /** What contains them. */
  readonly sandboxes: readonly Memory[];
  /** Of all of them. */
  readonly own: number;
}

/** Null of a process that is gone, or of another user. */
export function memoryOf(pid: number): Memory | null {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(rollup)?.[1]) * 1024;
    return { rss: bytes('Rss'), pss: bytes('Pss'), own: bytes('Private_Clean') + bytes('Private_Dirty') };
  } catch {
    return null;
  }
}

/** Opens so many plugins, each with a few calls behind it, and looks at all processes that came with them. */
export async function measureFamily(plugins: number, over: Partial<NativeSpec>): Promise<FamilyMemory> {
  const before = new Set(descendants());
  const open = opener();
  const opened: Opened[] = [];
  for (let made = 0; made < plugins; made++) {
    const one = await open(faulty({ plugin: `plugin-${made}`, ...over }));
    for (let call = 0; call < 100; call++) await one.backend.call(callOf('echo', Buffer.alloc(1_024)));
    opened.push(one);
  }
  await pause(SETTLE_MS);
  const running = new Set(opened.flatMap(({ state }) => pidsOf(state())));
  const all = descendants().filter((pid) => !before.has(pid));
  const memory = (pids: readonly number[]): Memory[] => pids.flatMap((pid) => memoryOf(pid) ?? []);
  const isNode = (pid: number): boolean => executableOf(pid) === process.execPath;
  const family = {
    plugins,
    children: memory(all.filter((pid) => running.has(pid))),
    spares: memory(all.filter((pid) => !running.has(pid) && isNode(pid))),
    sandboxes: memory(all.filter((pid) => !running.has(pid) && !isNode(pid))),
    own: memory(all).reduce((sum, { own }) => sum + own, 0),
  };
  await Promise.all(opened.map(({ backend }) => backend.close()));
  return family;
}

function pidsOf(state: ReturnType<Opened['state']>): readonly number[] {
  return state.state === 'ready' ? state.pids : [];
}

function descendants(): number[] {
  const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]));
  const isOurs = (pid: number): boolean => pid === process.pid || (pid > 1 && isOurs(parents.get(pid) ?? 0));
  return [...parents.keys()].filter((pid) => pid !== process.pid && isOurs(pid));
}

function processes(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** The first word of its command line: a link to the program itself cannot be read inside a sandbox. */
function executableOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')[0] ?? '';
  } catch {
    return '';
  }
}
