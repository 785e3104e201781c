import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/banyan.js', import.meta.url));

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly bytes: Buffer;
  readonly err: string;
}

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
}

/** Runs `bin/banyan.js` as a person would, with an environment that says nothing of gateways unless `env` does. */
export async function banyan(args: readonly string[], { env = {}, stdin = '' }: Surroundings = {}): Promise<Ran> {
  const child = start(args, env);
  child.stdin.on('error', () => undefined).end(stdin);
  const [bytes, err, [status]] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { status, out: bytes.toString(), bytes, err };
}

export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawn(process.execPath, [bin, ...args], { env: { PATH: process.env['PATH'], ...env } });
}
