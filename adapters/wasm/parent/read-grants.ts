import { access, realpath, stat } from 'node:fs/promises';
import { type Problem, Refused } from '../../../src/domain/backend.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import type { Grant } from '../messages.js';
import { escaped } from './inspect-module.js';

/** What a lane reaches the parts of a path through, each from the directory before it. */
const DESCRIPTORS = '/proc/self/fd';

/** The directories that a backend is granted, symlinks resolved. Rejects with Refused, which names every mistake. */
export async function readGrants({ paths }: WasmSpec): Promise<readonly Grant[]> {
  if (paths.size === 0) return [];
  if (!(await isThere(DESCRIPTORS)))
    throw new Refused([
      { pointer: '/backends/wasm/paths', message: `paths can only be granted where there is ${DESCRIPTORS}` },
    ]);
  const read = await Promise.all([...paths].map(([guest, written]) => readGrant(guest, written)));
  const problems = read.flatMap((one) => ('message' in one ? [one] : []));
  if (problems.length > 0) throw new Refused(problems);
  return read.flatMap((one) => ('message' in one ? [] : [one]));
}

async function readGrant(guest: string, written: string): Promise<Grant | Problem> {
  const writable = written.startsWith('rw:');
  const path = writable ? written.slice('rw:'.length) : written;
  const pointer = `/backends/wasm/paths/${escaped(guest)}`;
  try {
    const host = await realpath(path);
    if ((await stat(host)).isDirectory()) return { guest, host, writable };
    return { pointer, message: `${path} is not a directory, and nothing else can be granted` };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { pointer, message: `${path} cannot be granted: ${error.message}` };
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
