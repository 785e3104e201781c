export type InTurn = <T>(task: () => Promise<T>) => Promise<T>;

/** Runs tasks one after the other, in the order of their arrival; one that fails does not hold up the next. */
export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const turn = last.then(task);
    last = turn.catch(() => undefined);
    return turn;
  };
}

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
