import {
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { copyInMemory, copyInTemporaryFolder } from '#adapters/native/child/library/private-copy.js';
import { openNative } from '#adapters/native/open.js';
import type { Backend } from '#src/domain/backend.js';
import { callOf, failureOf, textOf } from '../contract/calls.js';
import { buffer, compile, fixture, scratch, sha256, specOf } from './libraries.js';
import { Watch } from './watching.js';

const TEXT = 'hello world';
const VOWELS = { count: buffer('vowels_count'), list: { convention: 'cstring', symbol: 'vowels_list' } } as const;

async function answers(backend: Backend): Promise<readonly string[]> {
  const count = textOf((await backend.call(callOf('count', TEXT))).output);
  return [count, textOf((await backend.call(callOf('list', TEXT))).output)];
}
const RIGHT = ['{"count":3}', '{"vowels":"eoo"}'];

/** What looks like a library is hashed; else that it is none would be told first. */
const HEAD = 64;

/** As `cp` does it: the same inode, and whoever has it mapped sees the new bytes. */
const overwrite: Readonly<Record<string, (path: string) => void>> = {
  'with bytes that are no code': (path) => {
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(statSync(path).size - HEAD, 0xcc), 0, null, HEAD);
    closeSync(file);
  },
  'with another library': (path) => writeFileSync(path, readFileSync(fixture('pricing')), { flag: 'r+' }),
  'with nothing, its end cut off': (path) => truncateSync(path, 0),
};

describe('a library that is overwritten in place while it is loaded', () => {
  test.each(Object.keys(overwrite))('%s, goes on answering right, and is refused at the next start', async (how) => {
    const path = join(scratch(), 'libvowels.so');
    copyFileSync(fixture('vowels'), path);
    const [inode, before] = [statSync(path).ino, sha256(path)];
    const watch = new Watch();
    const backend = await openNative()(specOf(path, VOWELS), watch.report);
    onTestFinished(() => backend.close());

    overwrite[how]?.(path);
    expect(statSync(path).ino).toBe(inode);
    for (let round = 0; round < 3; round++) expect(await answers(backend)).toEqual(RIGHT);
    expect(watch.restarts).toEqual([]);

    process.kill(watch.pids[0]!, 'SIGKILL');
    await watch.until(() => watch.states.at(-1)?.state === 'refused');
    const failure = await failureOf(backend.call(callOf('count', TEXT)));
    if (how.startsWith('with nothing')) expect(failure.detail).toContain('it is empty');
    else expect(failure.detail).toContain(`expected SHA-256 ${before}, found ${sha256(path)}`);
  });

  test('finds its dependencies all the same', async () => {
    const path = compile('shapes.c', scratch(), 'libshapes.so', ['-lm']);
    const power = {
      convention: 'prototype',
      symbol: 'power',
      prototype: 'double power(double x, double y)',
      args: ['/x', '/y'],
      result: 'json',
    } as const;
    const backend = await openNative()(specOf(path, { power }), () => undefined);
    onTestFinished(() => backend.close());
    truncateSync(path, 0);
    expect(textOf((await backend.call(callOf('power', '{"x":2,"y":10}'))).output)).toBe('1024');
  });
});

describe('the copy that is loaded', () => {
  const original = (): Uint8Array => readFileSync(fixture('vowels'));
  const through = (copy: number | null): string => {
    if (copy === null) throw new Error('there is no copy');
    onTestFinished(() => closeSync(copy));
    return `/proc/self/fd/${copy}`;
  };

  test('in memory has the same bytes, and can be opened for writing but not written', () => {
    const copy = through(copyInMemory(original(), 'libvowels.so'));
    expect(sha256(copy)).toBe(sha256(fixture('vowels')));
    const writable = openSync(copy, 'r+');
    onTestFinished(() => closeSync(writable));
    expect(() => writeSync(writable, 'x')).toThrow('EPERM');
    expect(() => truncateSync(copy, 0)).toThrow('EPERM');
  });

  test('in memory may have the longest name that a file can have', () => {
    const copy = through(copyInMemory(original(), `/${'é'.repeat(127)}`));
    expect(sha256(copy)).toBe(sha256(fixture('vowels')));
  });

  test('in the temporary folder has the same bytes, and no name', () => {
    const folder = scratch();
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => void vi.unstubAllEnvs());
    const copy = through(copyInTemporaryFolder(original()));
    expect(sha256(copy)).toBe(sha256(fixture('vowels')));
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is none where the temporary folder is not there', () => {
    vi.stubEnv('TMPDIR', join(scratch(), 'gone'));
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(copyInTemporaryFolder(original())).toBeNull();
  });
});
