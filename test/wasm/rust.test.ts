import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callOf, lanesOf, specOf, textOf } from './harness.js';
import { RUST_TARGET, rustCompiler } from './rust-compiler.js';

const SOURCE = join(import.meta.dirname, 'reverse.rs');

test('a plugin in Rust, without a crate, is a module as any other', async (context) => {
  const rustc = rustCompiler();
  if (rustc === null && process.env['CI'] !== 'true')
    context.skip('no rustc for wasm32 (Debian packages rustc, libstd-rust-dev-wasm32 and lld)');
  const path = join(mkdtempSync(join(tmpdir(), 'banyan-rust-')), 'reverse.wasm');
  // What rustup installs brings a linker of its own; the system's has to be named.
  const linker = spawnSync('wasm-ld', ['--version']).status === 0 ? ['-C', 'linker=wasm-ld'] : [];
  const options = ['--crate-type', 'cdylib', '--edition', '2021', '-O', ...linker, '-o', path, SOURCE];
  execFileSync(rustc ?? 'rustc', ['--target', RUST_TARGET, ...options]);

  const backend = await lanesOf({ lanes: 1 }).open(specOf(readFileSync(path), ['reverse']), () => undefined);
  expect(await textOf(backend, callOf('reverse', 'banyan'))).toBe('naynab');
  expect(await textOf(backend, callOf('reverse', 'x'.repeat(100_000)))).toHaveLength(100_000);
});
