import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Kernel clock ticks a second, as Linux tells them to programs. */
const TICKS = 100;
/** Cores that processes of others may take before a measurement is worth less than a repetition. */
const BEARABLE = 0.1;
const LOOK_MS = 500;

/** From now on; answers how many cores the processes outside this one's tree have taken since. NaN where nobody tells. */
function watchOthers(): () => number {
  const from = performance.now();
  const before = othersTicks();
  return () => (othersTicks() - before) / TICKS / ((performance.now() - from) / 1_000);
}

/** Time that may be spent on waiting for a machine that others leave alone. Used up once by all who share it. */
export class Patience {
  #leftMs: number;

  constructor(seconds: number) {
    this.#leftMs = seconds * 1_000;
  }

  /** Measures, again after a calm moment if others took too much meanwhile; answers how many cores they took, too. */
  async measure<T>(measure: () => Promise<T>): Promise<T & { readonly others: number }> {
    for (;;) {
      const from = performance.now();
      const othersSince = watchOthers();
      const measured = await measure();
      const others = othersSince();
      if (!(others > BEARABLE) || this.#leftMs <= 0) return { ...measured, others };
      this.#leftMs -= performance.now() - from;
      await this.#calm();
    }
  }

  async #calm(): Promise<void> {
    while (this.#leftMs > 0) {
      const othersSince = watchOthers();
      await pause(LOOK_MS);
      this.#leftMs -= LOOK_MS;
      if (!(othersSince() > BEARABLE)) return;
    }
  }
}

/** Ticks that processes have computed, all of the machine's less those of this one's tree. */
function othersTicks(): number {
  if (process.platform !== 'linux') return Number.NaN;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = readFileSync('/proc/stat', 'utf8')
    .split(/\s+/, 8)
    .slice(1)
    .map(Number);
  return user + nice + system + irq + softirq - treeTicks();
}

function treeTicks(): number {
  const processes = new Map<number, { readonly parent: number; readonly ticks: number }>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const fields = statOf(pid);
    // Its own time and that of children that have ended.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    processes.set(pid, { parent: Number(fields[1]), ticks });
  }
  const isOurs = (pid: number): boolean => pid === process.pid || (pid > 1 && isOurs(processes.get(pid)?.parent ?? 0));
  return [...processes].reduce((sum, [pid, { ticks }]) => (isOurs(pid) ? sum + ticks : sum), 0);
}

/** The fields after the program's name, which may contain anything; none of a process that is gone. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
