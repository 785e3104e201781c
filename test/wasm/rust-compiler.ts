import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const RUST_TARGET = 'wasm32-unknown-unknown';

/** The path of a compiler that has the target; one that is installed by hand often lacks it, and the system's stands beside it. */
export function rustCompiler(): string | null {
  const print = (rustc: string, ...what: string[]): string | null => {
    const { status, stdout } = spawnSync(rustc, ['--print', ...what], { encoding: 'utf8' });
    return status === 0 ? stdout.trim() : null;
  };
  for (const rustc of ['rustc', '/usr/bin/rustc']) {
    const [sysroot, libraries] = [print(rustc, 'sysroot'), print(rustc, 'target-libdir', '--target', RUST_TARGET)];
    // Not by the name that was asked: rustup's answers for the compiler only where it finds its own files, in the home folder.
    if (sysroot !== null && libraries !== null && existsSync(libraries)) return join(sysroot, 'bin/rustc');
  }
  return null;
}
