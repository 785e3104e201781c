import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import { bytesOf, callOf, failureOf, textOf } from '../contract/calls.js';
import { scratch } from './libraries.js';
import { stableSpec } from './stable-abi.js';

const SOURCE = join(import.meta.dirname, 'stable_abi.rs');

const rustcInstalled = spawnSync('rustc', ['--version']).status === 0;

test('a plugin in Rust carries a descriptor and answers by its vtable', async (context) => {
  if (!rustcInstalled && process.env['CI'] !== 'true') context.skip('rustc (Debian package rustc) is not installed');
  const path = join(scratch(), 'libmirror.so');
  execFileSync('rustc', ['--crate-type', 'cdylib', '--edition', '2021', '-O', '-o', path, SOURCE]);

  const functions = ['reverse', 'config', 'fail'];
  const config = new Map([['side', 'left']]);
  const spec = stableSpec(path, functions, { plugin: 'mirror', abi: { requires: '^0.3' }, config });
  const backend = await openNative()(spec, () => undefined);
  onTestFinished(() => backend.close());

  expect(textOf((await backend.call(callOf('reverse', 'banyan'))).output)).toBe('naynab');
  expect(textOf((await backend.call(callOf('reverse', ''))).output)).toBe('');
  expect(textOf((await backend.call(callOf('config', ''))).output)).toBe('{"side":"left"}');
  expect(await failureOf(backend.call(callOf('fail', '')))).toMatchObject({
    code: 'plugin-error',
    detail: expect.stringContaining('it never works') as string,
  });
  const large = bytesOf(1_000_000, 7);
  const { output } = await backend.call(callOf('reverse', large));
  expect(Buffer.from(output).reverse().equals(large)).toBe(true);

  const wrong = { ...spec, abi: { requires: '^0.4' } };
  await expect(openNative()(wrong, () => undefined)).rejects.toMatchObject({
    problems: [{ pointer: '/backends/legacy/requires', message: 'version: expected ^0.4, found 0.3.0' }],
  });
});
