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
