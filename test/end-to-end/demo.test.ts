import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const STORY = fileURLToPath(new URL('../../dist/examples/migrate.js', import.meta.url));

it('the demo plays a whole migration, and no caller sees an error', { timeout: 180_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [STORY], { env: { ...process.env, NO_COLOR: '1' } });
  expect(stdout).toContain('gate mismatches fail');
  expect(stdout).toMatch(/\/\w+: value, legacy \d+, wasm \d+/);
  expect(stdout).toContain('pricing/quote: equal');
  expect(stdout).toMatch(/canary 1 %: .*\n +canary 5 %: .*\n +canary 25 %: .*\n +canary 50 %: .*\n +wasm: /);
  expect(stdout).toContain('failures in a row');
  expect(stdout).toMatch(/by legacy \(tripped\)/);
  expect(stdout).toContain('its process is gone; it is unloaded');
  expect(stdout).toContain('Calls that failed, from the first act to the last: 0');
});
