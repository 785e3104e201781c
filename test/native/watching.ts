import { readFileSync } from 'node:fs';
import type { BackendEvent, BackendState } from '#src/domain/backend.js';

/** Collects what a backend reports, and lets a test wait for it. */
export class Watch {
  readonly events: BackendEvent[] = [];
  readonly #waiting = new Set<() => void>();

  readonly report = (event: BackendEvent): void => {
    this.events.push(event);
    for (const look of [...this.#waiting]) look();
  };

  get states(): readonly BackendState[] {
    return this.events.flatMap((event) => (event.type === 'state' ? [event.state] : []));
  }

  get restarts(): readonly string[] {
    return this.events.flatMap((event) => (event.type === 'restart' ? [event.cause] : []));
  }

  get pids(): readonly number[] {
    const last = this.states.at(-1);
    return last?.state === 'ready' ? last.pids : [];
  }

  lines(stream: 'stdout' | 'stderr' | 'log'): readonly string[] {
    return this.events.flatMap((event) => (event.type === 'output' && event.stream === stream ? [event.line] : []));
  }

  /** Resolves once `holds` does; it is looked at after every event. */
  until(holds: (watch: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds(this)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** Whether a process runs; a zombie that nobody has reaped yet does not. */
export function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

/** Resolves when this process runs no more. */
export async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
}
