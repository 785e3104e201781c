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

  lines(stream: 'stdout' | 'stderr'): readonly string[] {
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

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when no process has this number any more; a zombie of ours counts as gone once it is reaped. */
export async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
}
