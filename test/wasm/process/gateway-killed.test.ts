import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { descendantsOf } from '../../native/processes.js';
import { gone } from '../../native/watching.js';

const GATEWAY = fileURLToPath(new URL('./gateway.mjs', import.meta.url));

test('a gateway that is killed with -9 leaves no process of lanes behind, though an endless call runs in it', async () => {
  const gateway = spawn(process.execPath, [GATEWAY, resolve('build/fixtures/wasm/faulty.wasm')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise<number>((told, reject) => {
    gateway.once('exit', () => reject(new Error('the gateway has not begun')));
    gateway.stdout.once('data', (line: Buffer) => told(Number(line)));
  });
  const all = descendantsOf(gateway.pid!);
  expect(all).toContain(pid);
  gateway.kill('SIGKILL');
  await Promise.all(all.map(gone));
});
