import type { InTurn } from '../domain/turns.js';

/** A task to be done soon: however often it is asked for, it waits for its turn once. */
export function createCoalesced(inTurn: InTurn, task: () => Promise<void>): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    void inTurn(() => {
      waiting = false;
      return task();
    });
  };
}
