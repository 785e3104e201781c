import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const GRACE_MS = 20_000;

/** Asks a process to end, and ends it when it does not. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  // Not SIGTERM, upon which a gateway waits for its load balancer first.
  child.kill('SIGINT');
  const kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await gone;
  clearTimeout(kill);
}
