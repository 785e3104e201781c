import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Backend, Report } from '#src/domain/backend.js';
import type { WasmSpec } from '#src/domain/plugin.js';
import type { LanesOptions } from '#adapters/wasm/parent/lanes.js';
import { lanesOf, specOf } from './harness.js';

const FILES = 'initialized print read write list rearrange environment nap random input exit hoard'.split(' ');

/** Error numbers of WASI. */
export const OK = '0';
export const EACCES = '2';
export const EEXIST = '20';
export const EINVAL = '28';
export const EISDIR = '31';
export const ELOOP = '32';
export const ENAMETOOLONG = '37';
export const ENOENT = '44';
export const ENOTDIR = '54';
export const ENOTSUP = '58';
export const EROFS = '69';
export const ENOTCAPABLE = '76';

/** A folder with `data` (a file, a folder with a file), `out` (empty) and `outside` (a secret), gone with the test. */
export function granted(): { readonly root: string; readonly paths: Map<string, string> } {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'banyan-wasi-')));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const folder of ['data/folder', 'out', 'outside']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'data/file.txt'), 'what is granted');
  writeFileSync(join(root, 'data/folder/deep.txt'), 'deep');
  writeFileSync(join(root, 'outside/secret.txt'), 'secret');
  return {
    root,
    paths: new Map([
      ['/data', join(root, 'data')],
      ['/out', `rw:${join(root, 'out')}`],
    ]),
  };
}

/** The plugin over the C library of WASI, on lanes of its own. */
export async function filesPlugin(
  extra: Partial<WasmSpec> = {},
  { report = () => undefined, ...options }: Partial<LanesOptions> & { report?: Report } = {},
): Promise<Backend> {
  return lanesOf({ lanes: 1, ...options }).open(specOf('wasi-files.wasm', FILES, extra), report);
}

/** Descriptors of this process that are open below a folder. */
export function openBelow(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // the one that the folder was listed by
    }
  });
}
