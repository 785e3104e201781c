import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Backend, Refused } from '#src/domain/backend.js';
import { assemble } from './assemble.js';
import { callOf, failureOf, lanesOf, linkOf, specOf, textOf } from './harness.js';
import {
  EACCES,
  EEXIST,
  EINVAL,
  EISDIR,
  ELOOP,
  ENAMETOOLONG,
  ENOENT,
  ENOTCAPABLE,
  ENOTDIR,
  EROFS,
  filesPlugin,
  granted,
  OK,
  openBelow,
} from './wasi.js';

/** Descriptors that the guest finds open, in the order of the grants. */
const DATA = 3;
const OUT = 4;

async function callsPlugin(paths: ReadonlyMap<string, string>): Promise<Backend> {
  return lanesOf({ lanes: 1 }).open(specOf('wasi-calls.wasm', ['call', 'race'], { paths }), () => undefined);
}

/** What a call of WASI answered. */
const wasi = (plugin: Backend, ...words: readonly (string | number)[]): Promise<string> =>
  textOf(plugin, callOf('call', words.join(' ')));

/** Everything below a folder that a guest could change. */
function stateOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const path = join(folder, name);
      const { mtimeMs, size, mode } = lstatSync(path);
      return `${name} ${mode} ${size} ${mtimeMs} ${statSync(path).isFile() ? readFileSync(path, 'utf8') : ''}`;
    })
    .sort();
}

describe('a granted path', () => {
  it('can be read: files, folders, and what is said of them', async () => {
    const { paths } = granted();
    const plugin = await filesPlugin({ paths });
    expect(await textOf(plugin, callOf('read', '/data/file.txt'))).toBe('what is granted');
    expect(await textOf(plugin, callOf('read', '/data/folder/../folder/./deep.txt'))).toBe('deep');
    expect(await textOf(plugin, callOf('read', '/data/none.txt'))).toBe('error: No such file or directory');
    expect(await textOf(plugin, callOf('list', '/data'))).toBe('../ ./ file.txt folder/');
    const calls = await callsPlugin(paths);
    for (const name of ['open', 'fd_pread', 'path_filestat_get'])
      expect(await wasi(calls, name, DATA, 'file.txt')).toBe(OK);
    expect(await wasi(calls, 'open:directory', DATA, 'folder/')).toBe(OK);
    expect(await wasi(calls, 'open:directory', DATA, 'file.txt')).toBe(ENOTDIR);
    expect(await wasi(calls, 'open', DATA, 'file.txt/')).toBe(ENOTDIR);
    expect(await wasi(calls, 'open', DATA, 'file.txt/more')).toBe(ENOTDIR);
  });

  it('lists a folder of a thousand files whole', async () => {
    const { root, paths } = granted();
    const names = Array.from({ length: 1000 }, (_, index) => `a-name-that-takes-some-room-${1000 + index}`);
    for (const name of names) writeFileSync(join(root, 'data/folder', name), '');
    const plugin = await filesPlugin({ paths });
    const listed = (await textOf(plugin, callOf('list', '/data/folder'))).split(' ');
    expect(listed).toEqual(['../', './', ...names, 'deep.txt']);
  });

  it('is read-only: a C library hears so when it opens a file for writing', async () => {
    const { root, paths } = granted();
    const before = stateOf(root);
    const plugin = await filesPlugin({ paths });
    for (const mode of ['w', 'a', 'r+', 'wx'])
      expect(await textOf(plugin, callOf('write', `${mode} /data/file.txt more`))).toMatch(
        /^error: Read-only file system$/,
      );
    expect(await textOf(plugin, callOf('rearrange', '/data'))).toBe('error: Read-only file system');
    expect(stateOf(root)).toEqual(before);
  });

  it.each([
    ['open:write', 'file.txt'],
    ['open:allocate', 'file.txt'],
    ['open:all', 'file.txt'],
    ['open:create', 'file.txt'],
    ['open:create', 'new.txt'],
    ['open:exclusive', 'new.txt'],
    ['open:truncate', 'file.txt'],
    ['fd_write', 'file.txt'],
    ['fd_pwrite', 'file.txt'],
    ['fd_allocate', 'file.txt'],
    ['fd_filestat_set_size', 'file.txt'],
    ['fd_filestat_set_times', 'file.txt'],
    ['path_create_directory', 'new'],
    ['path_remove_directory', 'folder'],
    ['path_unlink_file', 'file.txt'],
    ['path_rename', 'file.txt', 'other.txt'],
    ['path_rename:over', 'file.txt', 'other.txt'],
    ['path_link', 'file.txt', 'other.txt'],
    ['path_link:over', 'file.txt', 'other.txt'],
    ['path_symlink', 'link', 'file.txt'],
    ['path_filestat_set_times', 'file.txt'],
  ])('is read-only: %s %s is refused and does nothing', async (name, ...names) => {
    const { root, paths } = granted();
    const before = stateOf(root);
    const plugin = await callsPlugin(paths);
    expect(await wasi(plugin, name, DATA, ...names)).toBe(EROFS);
    expect(stateOf(root)).toEqual(before);
  });

  it('takes no file from a writable path, by a new name or a move', async () => {
    const { root, paths } = granted();
    const plugin = await callsPlugin(new Map([...paths].reverse()));
    writeFileSync(join(root, 'out/mine'), 'mine');
    expect(await wasi(plugin, 'path_rename:over', DATA, 'mine', 'yours')).toBe(EROFS);
    expect(await wasi(plugin, 'path_link:over', DATA, 'mine', 'yours')).toBe(EROFS);
    expect(readdirSync(join(root, 'data')).sort()).toEqual(['file.txt', 'folder']);
  });

  it('written "rw:" can be written, and rearranged', async () => {
    const { root, paths } = granted();
    const plugin = await filesPlugin({ paths });
    expect(await textOf(plugin, callOf('write', 'w /out/new.txt one'))).toBe('written');
    expect(await textOf(plugin, callOf('write', 'a /out/new.txt  two'))).toBe('written');
    expect(await textOf(plugin, callOf('write', 'a /out/new.txt  three'))).toBe('written');
    expect(readFileSync(join(root, 'out/new.txt'), 'utf8')).toBe('onetwothree');
    expect(await textOf(plugin, callOf('write', 'w /out/new.txt four'))).toBe('written');
    expect(await textOf(plugin, callOf('write', 'wx /out/new.txt five'))).toBe('error: File exists');
    expect(await textOf(plugin, callOf('read', '/out/new.txt'))).toBe('four');
    expect(await textOf(plugin, callOf('rearrange', '/out'))).toBe('4 bytes');
    expect(readdirSync(join(root, 'out'))).toEqual(['new.txt']);
  });

  it('written "rw:" takes every call that a read-only one refuses', async () => {
    const { root, paths } = granted();
    const plugin = await callsPlugin(paths);
    const out = (name: string): string => join(root, 'out', name);
    const does = async (...words: readonly [string, ...string[]]): Promise<void> => {
      expect(await wasi(plugin, words[0], OUT, ...words.slice(1))).toBe(OK);
    };
    await does('open:exclusive', 'file');
    expect(await wasi(plugin, 'open:exclusive', OUT, 'file')).toBe(EEXIST);
    await does('open:all', 'file');
    writeFileSync(out('file'), 'text');
    await does('fd_filestat_set_times', 'file');
    expect(statSync(out('file')).mtimeMs).toBe(0);
    writeFileSync(out('file'), 'text');
    await does('path_filestat_set_times', 'file');
    expect(statSync(out('file')).mtimeMs).toBe(0);
    await does('open:truncate', 'file');
    expect(statSync(out('file')).size).toBe(0);
    await does('path_create_directory', 'folder');
    await does('path_rename', 'file', 'folder/moved');
    await does('path_link', 'folder/moved', 'folder/twin');
    await does('path_symlink', 'folder/link', '../folder/twin');
    await does('open', 'folder/link');
    await does('path_readlink', 'folder/link');
    for (const name of ['moved', 'twin', 'link']) await does('path_unlink_file', `folder/${name}`);
    expect(await wasi(plugin, 'path_unlink_file', OUT, 'folder')).toBe(EISDIR);
    await does('path_remove_directory', 'folder');
    expect(readdirSync(join(root, 'out'))).toEqual([]);
  });
});

describe('nothing outside of a granted path is reached', () => {
  it('by "..", an absolute path, or a path that is none', async () => {
    const { paths } = granted();
    const plugin = await callsPlugin(paths);
    for (const path of ['../outside/secret.txt', 'folder/../../outside/secret.txt', '..', '../data/file.txt'])
      for (const name of ['open', 'path_filestat_get', 'path_readlink'])
        expect(await wasi(plugin, name, DATA, path)).toBe(ENOTCAPABLE);
    expect(await wasi(plugin, 'open', DATA, '/etc/passwd')).toBe(ENOTCAPABLE);
    expect(await wasi(plugin, 'open', DATA)).toBe(ENOENT);
    expect(await wasi(plugin, 'open', DATA, `${'folder/../'.repeat(400)}file.txt`)).toBe(OK);
    expect(await wasi(plugin, 'open', DATA, 'a/'.repeat(2090))).toBe(ENAMETOOLONG);
    const files = await filesPlugin({ paths });
    for (const path of ['/data/../outside/secret.txt', '/etc/passwd', '/data/../../../../../../../../etc/passwd'])
      expect(await textOf(files, callOf('read', path))).toMatch(/^error: /);
  });

  it.each(['open', 'path_filestat_get', 'open:directory'])('by a symlink: %s', async (name) => {
    const { root, paths } = granted();
    symlinkSync(join(root, 'outside/secret.txt'), join(root, 'data/absolute'));
    symlinkSync('../outside/secret.txt', join(root, 'data/relative'));
    symlinkSync('../outside', join(root, 'data/outside'));
    symlinkSync('relative', join(root, 'data/twice'));
    symlinkSync('/', join(root, 'data/folder/root'));
    const plugin = await callsPlugin(paths);
    for (const path of [
      'absolute',
      'relative',
      'outside',
      'outside/',
      'outside/secret.txt',
      'outside/..',
      'twice',
      'folder/root/etc/passwd',
      'folder/../relative',
    ])
      expect(await wasi(plugin, name, DATA, path)).toBe(ENOTCAPABLE);
  });

  it('by a symlink in a path that may be written, whatever is asked of it', async () => {
    const { root, paths } = granted();
    symlinkSync('../outside', join(root, 'out/away'));
    symlinkSync('../outside/new.txt', join(root, 'out/dangling'));
    writeFileSync(join(root, 'out/mine'), 'mine');
    const before = stateOf(join(root, 'outside'));
    const plugin = await callsPlugin(paths);
    for (const words of [
      ['open:all', 'away/secret.txt'],
      ['open:create', 'away/new.txt'],
      ['open:create', 'dangling'],
      ['open:exclusive', 'away/new.txt'],
      ['open:truncate', 'away/secret.txt'],
      ['path_create_directory', 'away/new'],
      ['path_remove_directory', 'away/'],
      ['path_unlink_file', 'away/secret.txt'],
      ['path_rename', 'away/secret.txt', 'mine'],
      ['path_rename', 'mine', 'away/mine'],
      ['path_link', 'away/secret.txt', 'second'],
      ['path_link', 'mine', 'away/mine'],
      ['path_symlink', 'away/link', 'secret.txt'],
      ['path_filestat_set_times', 'away/secret.txt'],
      ['path_filestat_set_times', 'away'],
    ] as const)
      expect(await wasi(plugin, words[0], OUT, ...words.slice(1))).toBe(ENOTCAPABLE);
    expect(stateOf(join(root, 'outside'))).toEqual(before);
    expect(readFileSync(join(root, 'out/mine'), 'utf8')).toBe('mine');
  });

  it('by a symlink that the guest makes', async () => {
    const { root, paths } = granted();
    mkdirSync(join(root, 'out/folder'));
    const plugin = await callsPlugin(paths);
    for (const target of ['/etc/passwd', '../outside/secret.txt', 'folder/../../outside'])
      expect(await wasi(plugin, 'path_symlink', OUT, 'link', target)).toBe(ENOTCAPABLE);
    // One that is inside where it is made can be moved to where it is not.
    expect(await wasi(plugin, 'path_symlink', OUT, 'folder/link', '../outside')).toBe(OK);
    expect(await wasi(plugin, 'path_rename', OUT, 'folder/link', 'link')).toBe(OK);
    expect(await wasi(plugin, 'open', OUT, 'link/secret.txt')).toBe(ENOTCAPABLE);
  });

  it('by a symlink that somebody puts in the way while the path is followed', async () => {
    const { root, paths } = granted();
    mkdirSync(join(root, 'data/swapped'));
    writeFileSync(join(root, 'data/swapped/secret.txt'), 'inside');
    symlinkSync('../outside', join(root, 'data/link'));
    const swapping = new Worker(
      `const { renameSync } = require('node:fs');
       const { parentPort, workerData: root } = require('node:worker_threads');
       const swap = (from, to) => renameSync(root + '/data/' + from, root + '/data/' + to);
       for (let first = true; ; first = false) {
         swap('swapped', 'folder-at-rest'); swap('link', 'swapped');
         if (first) parentPort.postMessage('begun');
         swap('swapped', 'link'); swap('folder-at-rest', 'swapped');
       }`,
      { eval: true, workerData: root },
    );
    onTestFinished(async () => {
      await swapping.terminate();
    });
    await new Promise((begun) => swapping.once('message', begun));
    const plugin = await callsPlugin(paths);
    for (let round = 0; round < 3; round++)
      expect(await textOf(plugin, callOf('race', 'swapped/secret.txt'))).toMatch(/, 0 outside$/);
  });

  it('by a loop of symlinks', async () => {
    const { root, paths } = granted();
    symlinkSync('two', join(root, 'data/one'));
    symlinkSync('one', join(root, 'data/two'));
    const plugin = await callsPlugin(paths);
    expect(await wasi(plugin, 'open', DATA, 'one')).toBe(ELOOP);
    expect(await wasi(plugin, 'open', DATA, 'one/more')).toBe(ELOOP);
  });

  it('by a device or a pipe in it; opening a pipe does not wait', async () => {
    const { root, paths } = granted();
    execFileSync('mkfifo', [join(root, 'data/pipe')]);
    expect(await wasi(await callsPlugin(paths), 'open', DATA, 'pipe')).toBe(EACCES);
    const plugin = await callsPlugin(
      new Map([
        ['/dev', '/dev'],
        ['/out', 'rw:/dev'],
      ]),
    );
    for (const fd of [DATA, OUT])
      for (const name of ['open', 'open:all'])
        expect(await wasi(plugin, name, fd, 'null')).toBe(fd === DATA && name === 'open:all' ? EROFS : EACCES);
    expect(await wasi(plugin, 'open:directory', DATA, 'null')).toBe(ENOTDIR);
  });

  it('by what it opened: a folder is no way up, though it is below a grant', async () => {
    const { paths } = granted();
    const plugin = await callsPlugin(paths);
    expect(await wasi(plugin, 'path_create_directory', 1, 'x')).toBe(ENOTDIR);
    expect(await wasi(plugin, 'open', 0, 'x')).toBe(ENOTDIR);
    expect(await wasi(plugin, 'open:directory', OUT, '.')).toBe(OK);
    expect(await wasi(plugin, 'path_remove_directory', OUT, '.')).toBe(EINVAL);
  });
});

describe('grants', () => {
  it('that are not there, or no directories, are refused when the backend is opened: each is named', async () => {
    const { root } = granted();
    const paths = new Map([
      ['/data', join(root, 'none')],
      ['/a~b', `rw:${join(root, 'data/file.txt')}`],
      ['/fine', join(root, 'data')],
    ]);
    const error = await lanesOf({ lanes: 1 })
      .open(specOf('vowels.wasm', ['count'], { paths }), () => undefined)
      .then(
        () => null,
        (refused: unknown) => refused,
      );
    expect(error).toBeInstanceOf(Refused);
    expect((error as Refused).problems).toEqual([
      {
        pointer: '/backends/wasm/paths/~1data',
        message: expect.stringMatching(/none cannot be granted: ENOENT/) as string,
      },
      {
        pointer: '/backends/wasm/paths/~1a~0b',
        message: `${join(root, 'data/file.txt')} is not a directory, and nothing else can be granted`,
      },
    ]);
  });

  it('may be symlinks themselves, which are followed once', async () => {
    const { root } = granted();
    symlinkSync(join(root, 'data'), join(root, 'link'));
    const plugin = await filesPlugin({ paths: new Map([['/data', join(root, 'link')]]) });
    rmSync(join(root, 'link'));
    symlinkSync(join(root, 'outside'), join(root, 'link'));
    expect(await textOf(plugin, callOf('exit', '0'))).toBe('the last word');
    expect(await textOf(plugin, callOf('list', '/data'))).toBe('../ ./ file.txt folder/');
  });

  it('below another one cannot be bent by a plugin that may write there', async () => {
    const { root } = granted();
    mkdirSync(join(root, 'out/folder'));
    const plugin = await filesPlugin({
      paths: new Map([
        ['/out', `rw:${join(root, 'out')}`],
        ['/folder', join(root, 'out/folder')],
      ]),
    });
    expect(await textOf(plugin, callOf('list', '/folder'))).toBe('../ ./');
    rmSync(join(root, 'out/folder'), { recursive: true });
    symlinkSync(join(root, 'outside'), join(root, 'out/folder'));
    await textOf(plugin, callOf('exit', '0'));
    expect(await failureOf(plugin, callOf('list', '/folder'))).toMatchObject({
      code: 'trapped',
      detail: expect.stringContaining('what it is granted cannot be opened') as string,
    });
  });

  it('are open once for an instance, and closed with it, over a thousand instances', async () => {
    const { root, paths } = granted();
    const plugin = await filesPlugin({ paths });
    const grants = [join(root, 'data'), join(root, 'out')];
    for (let instance = 0; instance < 1000; instance++) {
      expect(await textOf(plugin, callOf('hoard', '/data/file.txt'))).toBe('59: No file descriptors available');
      await textOf(plugin, callOf('exit', '0'));
      // It runs after that instance has been closed.
      if (instance % 100 !== 99) continue;
      expect(await textOf(plugin, callOf('initialized'))).toBe('1');
      expect(openBelow(root).sort()).toEqual(grants);
    }
  });

  it('are opened for each new instance where each call gets one', async () => {
    const { root, paths } = granted();
    const plugin = await filesPlugin({ paths, instance: 'fresh' });
    for (let call = 0; call < 100; call++)
      expect(await textOf(plugin, callOf('hoard', '/data/file.txt'))).toBe('59: No file descriptors available');
    expect(await textOf(plugin, callOf('read', '/data/file.txt'))).toBe('what is granted');
    await expect.poll(() => openBelow(root).length).toBeLessThanOrEqual(2);
  });

  it('are there for linked modules too, and for those alone that import WASI', async () => {
    const { root, paths } = granted();
    const main = assemble({
      imports: [{ module: 'files', name: 'read', parameters: [], results: ['i32'] }],
      functions: { run: [0x10, 0x00] },
    });
    const spec = specOf(main, ['run'], { paths, link: linkOf({ files: 'wasi-files.wasm' }) });
    const plugin = await lanesOf({ lanes: 1 }).open(spec, () => undefined);
    expect(await textOf(plugin, callOf('run', '/data/file.txt'))).toBe('what is granted');
    expect(openBelow(root).length).toBe(2);
  });

  it('are closed with a lane that ends at a deadline, and so are the files', async () => {
    const { root, paths } = granted();
    const plugin = await filesPlugin({ paths });
    await textOf(plugin, callOf('hoard', '/data/file.txt'));
    const call = callOf('nap', '600000', 200);
    setTimeout(() => call.stop('timeout'), 200);
    await failureOf(plugin, call);
    await expect.poll(() => openBelow(root)).toEqual([]);
    expect(await textOf(plugin, callOf('initialized'))).toBe('1');
    expect(openBelow(root).length).toBe(2);
  });

  it('of a module that imports nothing of WASI are not opened at all', async () => {
    const { root, paths } = granted();
    const lanes = lanesOf({ lanes: 1 });
    const plugin = await lanes.open(specOf('vowels.wasm', ['count'], { paths }), () => undefined);
    expect(await textOf(plugin, callOf('count', 'aeiou'))).toBe('{"count":5}');
    expect(openBelow(root)).toEqual([]);
  });
});
