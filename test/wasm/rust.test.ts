import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callOf, lanesOf, specOf, textOf } from './harness.js';

const SOURCE = join(import.meta.dirname, 'reverse.rs');
const TARGET = 'wasm32-unknown-unknown';

/** A compiler that has the target; one that is installed by hand often lacks it, and the system's stands beside it. */
function compiler(): string | null {
  const hasTarget = (rustc: string): boolean => {
    const { status, stdout } = spawnSync(rustc, ['--print', 'target-libdir', '--target', TARGET], { encoding: 'utf8' });
    return status === 0 && existsSync(stdout.trim());
  };
  return ['rustc', '/usr/bin/rustc'].find(hasTarget) ?? null;
}

test('a plugin in Rust, without a crate, is a module as any other', async (context) => {
  const rustc = compiler();
  if (rustc === null && process.env['CI'] !== 'true')
    context.skip('no rustc for wasm32 (Debian packages rustc, libstd-rust-dev-wasm32 and lld)');
  const path = join(mkdtempSync(join(tmpdir(), 'banyan-rust-')), 'reverse.wasm');
  // What rustup installs brings a linker of its own; the system's has to be named.
  const linker = spawnSync('wasm-ld', ['--version']).status === 0 ? ['-C', 'linker=wasm-ld'] : [];
  const options = ['--crate-type', 'cdylib', '--edition', '2021', '-O', ...linker, '-o', path, SOURCE];
  execFileSync(rustc ?? 'rustc', ['--target', TARGET, ...options]);

  const backend = await lanesOf({ lanes: 1 }).open(specOf(readFileSync(path), ['reverse']), () => undefined);
  expect(await textOf(backend, callOf('reverse', 'banyan'))).toBe('naynab');
  expect(await textOf(backend, callOf('reverse', 'x'.repeat(100_000)))).toHaveLength(100_000);
});
