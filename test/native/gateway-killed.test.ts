import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { fixture } from './libraries.js';
import { descendantsOf, markedWith, nameOf } from './processes.js';
import { gone, isAlive } from './watching.js';

const GATEWAY = fileURLToPath(new URL('./grouped-gateway.mjs', import.meta.url));

interface Running {
  readonly gateway: ChildProcess;
  readonly mark: string;
  readonly ready: Promise<void>;
}

function start(): Running {
  const mark = randomUUID();
  const gateway = spawn(process.execPath, [GATEWAY, fixture('faulty'), mark], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    gateway.kill('SIGKILL');
    for (const pid of markedWith(mark)) process.kill(pid, 'SIGKILL');
  });
  const ready = new Promise<void>((resolve, reject) => {
    gateway.stdout.once('data', () => resolve());
    gateway.once('exit', () => reject(new Error('the gateway ended before it was ready')));
  });
  ready.catch(() => undefined);
  return { gateway, mark, ready };
}

/** Resolves when the gateway has so many descendants. */
async function grown({ gateway }: Running, count: number): Promise<readonly number[]> {
  for (;;) {
    if (gateway.exitCode !== null) throw new Error(`the gateway ended with status ${gateway.exitCode}`);
    const descendants = descendantsOf(gateway.pid!);
    if (descendants.length >= count) return descendants;
    await turn();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/**
 * A bwrap whose own first half was killed with the gateway in the moment before it let the second half go on: that one
 * waits for ever, has started nothing and holds nothing of a library. See docs/decisions/0017.
 */
function isStillborn(pid: number): boolean {
  return nameOf(pid) === 'bwrap' && descendantsOf(pid).length === 0;
}

/** Resolves when the gateway and all that it ever started are gone; whatever still starts is waited for as well. */
async function kill({ gateway, mark }: Running): Promise<void> {
  const known = descendantsOf(gateway.pid!);
  gateway.kill('SIGKILL');
  await gone(gateway.pid!);
  const left = (): readonly number[] => markedWith(mark).filter((pid) => !isStillborn(pid));
  while (left().length > 0 || known.some((pid) => isAlive(pid) && !isStillborn(pid))) await turn();
}

test('a gateway that is killed with -9 leaves no process behind, whether they run a call, wait, share or are spare', async () => {
  const running = start();
  await running.ready;
  // Two of the plugin alone, one of the group, and one in reserve; sandboxes have processes of their own.
  const before = await grown(running, 4);
  expect(before.every(isAlive)).toBe(true);
  await kill(running);
  expect(before.filter(isAlive)).toEqual([]);
});

test.each([1, 2, 3])('nor does one that is killed when it has just started %i of them', async (started) => {
  const running = start();
  await grown(running, started);
  await kill(running);
  // What is on its way out is seen in one moment and not in another.
  await expect.poll(() => markedWith(running.mark).filter((pid) => !isStillborn(pid)), { timeout: 20_000 }).toEqual([]);
});
