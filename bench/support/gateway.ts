import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Contestant, Running } from './contestant.js';
import { freePort } from './free-port.js';
import { ROOT } from './root.js';
import { stopProcess } from './stop-process.js';

const START_MS = 30_000;

interface GatewayOptions {
  /** The Node.js binary that runs it. */
  readonly node: string;
  /** Further arguments for it, such as `--cpu-prof`. */
  readonly nodeArgs?: readonly string[];
}

/** With the process of the gateway itself. */
interface RunningGateway extends Running {
  readonly pid: number | undefined;
}

/** Starts the gateway as users do, on the example plugins; it is two contestants, flipped by its admin API. */
export async function startGateway({ node, nodeArgs = [] }: GatewayOptions): Promise<RunningGateway> {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-bench-'));
  const data = `127.0.0.1:${await freePort()}`;
  const admin = `127.0.0.1:${await freePort()}`;
  const config = path.join(folder, 'banyan.yaml');
  await writeFile(
    config,
    JSON.stringify({
      data: { listen: data },
      admin: { listen: admin },
      plugins: path.join(ROOT, 'build/example/plugins'),
      libraryRoots: ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'],
      store: { kind: 'file', path: path.join(folder, 'store') },
    }),
  );
  const logFile = path.join(folder, 'log');
  const log = openSync(logFile, 'w');
  const child = spawn(node, [...nodeArgs, path.join(ROOT, 'bin/banyan.js'), 'serve', '--config', config], {
    stdio: ['ignore', log, log],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  let stopping = false;
  child.once('exit', (code, signal) => {
    if (!stopping) console.error(`the gateway ended (${code ?? signal}):\n${readFileSync(logFile, 'utf8')}`);
  });
  const stop = async () => {
    stopping = true;
    await stopProcess(child);
    await rm(folder, { recursive: true, force: true });
  };

  const until = performance.now() + START_MS;
  while (!(await isReady(admin))) {
    if (child.exitCode !== null || performance.now() > until) {
      await stop();
      throw new Error('the gateway did not become ready');
    }
    await pause(50);
  }

  const contestant = (name: string, stage: 'legacy' | 'wasm'): Contestant => ({
    name,
    url: `http://${data}/plugins/vowels/count`,
    computes: true,
    prepare: () => flip(admin, stage),
  });
  return {
    contestants: [contestant('Banyan, wasm', 'wasm'), contestant('Banyan, native', 'legacy')],
    stop,
    pid: child.pid,
  };
}

async function isReady(admin: string): Promise<boolean> {
  try {
    return (await fetch(`http://${admin}/readyz`)).ok;
  } catch {
    return false;
  }
}

async function flip(admin: string, stage: 'legacy' | 'wasm'): Promise<void> {
  const answer = await fetch(`http://${admin}/api/v1/routes/vowels`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-match': '*' },
    body: JSON.stringify({ stage }),
  });
  if (!answer.ok) throw new Error(`the flip to ${stage} was refused: ${await answer.text()}`);
}
