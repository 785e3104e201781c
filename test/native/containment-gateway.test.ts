import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { childrenOf } from '#adapters/native/parent/launch/process-tree.js';
import { fixture, scratch } from './libraries.js';
import { gone } from './watching.js';

const GATEWAY = fileURLToPath(new URL('./gateway.mjs', import.meta.url));

const descendants = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);

function openFiles(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).map((fd) => readlinkSync(join(folder, fd)));
}

test('a gateway that is killed with -9 leaves nothing behind, and its own open files are not its children’s', async () => {
  const secret = join(scratch(), 'secret');
  writeFileSync(secret, 'secret');
  const fd = openSync(secret, 'r');
  // As a careless shell would: not to be closed by an exec.
  const stdio = ['ignore', 'pipe', 'inherit', fd, fd, fd, fd, fd, fd, fd] as const;
  const gateway = spawn(process.execPath, [GATEWAY, fixture('faulty')], { stdio: [...stdio] });
  closeSync(fd);
  const pids = await new Promise<number[]>((resolve, reject) => {
    gateway.once('exit', () => reject(new Error('the gateway has not begun')));
    gateway.stdout!.once('data', (line: Buffer) => resolve(line.toString().trim().split(' ').map(Number)));
  });
  expect(openFiles(gateway.pid!)).toContain(secret);
  for (const pid of pids) expect(openFiles(pid)).not.toContain(secret);

  const all = descendants(gateway.pid!);
  expect(all).toEqual(expect.arrayContaining(pids));
  gateway.kill('SIGKILL');
  await Promise.all(all.map(gone));
});
