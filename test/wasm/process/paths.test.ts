import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containedProcesses } from '#adapters/native/contained.js';
import { FLAVOURS } from '../../native/containment.js';
import { callOf, failureOf, specOf, textOf } from '../harness.js';
import { granted } from '../wasi.js';
import { isolate } from './processes.js';

describe.each(FLAVOURS)('a WASI module in a process of lanes $flavour', ({ options }) => {
  const contained = containedProcesses(options);

  it('finds what it was granted, read-only unless it is "rw:", and nothing outside', async () => {
    const { root, paths } = granted();
    symlinkSync('../outside/secret.txt', join(root, 'data/link'));
    const spec = specOf('wasi-files.wasm', ['read', 'write', 'rearrange', 'exit'], { paths });
    const { backend } = await isolate(spec, { contained });
    expect(await textOf(backend, callOf('read', '/data/file.txt'))).toBe('what is granted');
    expect(await textOf(backend, callOf('read', '/data/link'))).toMatch(/^error: /);
    expect(await textOf(backend, callOf('write', 'w /data/file.txt more'))).toBe('error: Read-only file system');
    expect(await textOf(backend, callOf('write', 'w /out/new.txt more'))).toBe('written');
    expect(await textOf(backend, callOf('rearrange', '/out'))).toBe('4 bytes');
    expect(readFileSync(join(root, 'out/new.txt'), 'utf8')).toBe('more');
    expect(await failureOf(backend, callOf('exit', '3'))).toMatchObject({ detail: 'it exited with code 3', status: 3 });
  });
});
