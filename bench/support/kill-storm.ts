/** What is killed, and what is asked meanwhile. */
export interface Stormed {
  /** Makes one call and checks its answer; resolves with `ok`, `crashed`, or what else came. */
  ask(): Promise<string>;
  /** The children that run now. */
  pids(): readonly number[];
  /** A number in [0, 1). */
  readonly random: () => number;
}

export interface Damage {
  readonly kills: number;
  readonly calls: number;
  readonly answered: number;
  /** Calls that had begun in a child that was killed. */
  readonly crashed: number;
  /** Whatever else a call ended with, a line each. */
  readonly wrong: readonly string[];
  /** The slowest call that was answered, in ms. */
  readonly slowestMs: number;
}

/** Kills children, drawn at random, so many times, and no more often than every so many ms, while `callers` ask and ask. */
export async function storm(target: Stormed, callers: number, times: number, everyMs: number): Promise<Damage> {
  let calls = 0;
  let answered = 0;
  let crashed = 0;
  let slowestMs = 0;
  const wrong: string[] = [];
  let over = false;
  const caller = async (): Promise<void> => {
    while (!over) {
      calls += 1;
      const from = performance.now();
      const said = await target.ask();
      if (said === 'ok') {
        answered += 1;
        slowestMs = Math.max(slowestMs, performance.now() - from);
      } else if (said === 'crashed') crashed += 1;
      else wrong.push(said);
    }
  };
  const asking = Promise.all(Array.from({ length: callers }, caller));

  let kills = 0;
  for (let at = performance.now() + everyMs; kills < times; at += everyMs) {
    await new Promise((resolve) => setTimeout(resolve, at - performance.now()));
    const pids = target.pids();
    const pid = pids[Math.floor(target.random() * pids.length)];
    if (pid !== undefined && kill(pid)) kills += 1;
  }
  over = true;
  await asking;
  return { kills, calls, answered, crashed, wrong, slowestMs };
}

/** False when it is gone already. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
