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
  /** A folder of plugin folders; default: the example plugins. */
  readonly plugins?: string;
}

/** The gateway in a process of its own, as users run it. */
export interface BenchGateway {
  /** URLs of its listeners, without a slash at the end. */
  readonly data: string;
  readonly admin: string;
  readonly pid: number | undefined;
  /** Puts a plugin or one of its functions into a stage. */
  flip(target: string, stage: object): Promise<void>;
  stop(): Promise<void>;
}

export async function startGatewayAlone(options: GatewayOptions): Promise<BenchGateway> {
  const { node, nodeArgs = [], plugins = path.join(ROOT, 'build/example/plugins') } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-bench-'));
  const data = `127.0.0.1:${await freePort()}`;
  const admin = `127.0.0.1:${await freePort()}`;
  const config = path.join(folder, 'banyan.yaml');
  await writeFile(
    config,
    JSON.stringify({
      data: { listen: data },
      admin: { listen: admin },
      plugins,
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
  return {
    data: `http://${data}`,
    admin: `http://${admin}`,
    pid: child.pid,
    flip: (target, stage) => flip(admin, target, stage),
    stop,
  };
}

/** With the process of the gateway itself. */
interface RunningGateway extends Running {
  readonly pid: number | undefined;
}

/** The gateway on the example plugins; it is two contestants, flipped by its admin API. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const gateway = await startGatewayAlone(options);
  const contestant = (name: string, stage: 'legacy' | 'wasm'): Contestant => ({
    name,
    url: `${gateway.data}/plugins/vowels/count`,
    computes: true,
    prepare: () => gateway.flip('vowels', { stage }),
  });
  return {
    contestants: [contestant('Banyan, wasm', 'wasm'), contestant('Banyan, native', 'legacy')],
    stop: () => gateway.stop(),
    pid: gateway.pid,
  };
}

async function isReady(admin: string): Promise<boolean> {
  try {
    return (await fetch(`http://${admin}/readyz`)).ok;
  } catch {
    return false;
  }
}

async function flip(admin: string, target: string, stage: object): Promise<void> {
  const answer = await fetch(`http://${admin}/api/v1/routes/${target}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-match': '*' },
    body: JSON.stringify(stage),
  });
  if (!answer.ok)
    throw new Error(`the flip of ${target} to ${JSON.stringify(stage)} was refused: ${await answer.text()}`);
}
