import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Running } from './contestant.js';
import { stopProcess } from './stop-process.js';

interface PeerOptions {
  readonly name: string;
  readonly program: 'bare' | 'fastify' | 'express';
  readonly args?: readonly string[];
  /** The Node.js binary that runs it. */
  readonly node: string;
}

/** Starts one of the programs in `peers/`; rejects when it ends before it listens. */
export async function startPeer({ name, program, args = [], node }: PeerOptions): Promise<Running> {
  const child = fork(fileURLToPath(new URL(`./peers/${program}.js`, import.meta.url)), args, {
    execPath: node,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { readonly port: number }).port));
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`${name} ended before it listened: ${code ?? signal}`)));
  });
  const url = `http://127.0.0.1:${port}/plugins/vowels/count`;
  const contestant = { name, url, computes: program !== 'bare', prepare: () => Promise.resolve() };
  return { contestants: [contestant], stop: () => stopProcess(child) };
}
