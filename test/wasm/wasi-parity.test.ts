import { readFileSync } from 'node:fs';
import createPlugin, { type Plugin } from '@extism/extism';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Backend } from '#src/domain/backend.js';
import { callOf, failureOf, lanesOf, specOf, textOf } from './harness.js';
import { granted } from './wasi.js';

interface Both {
  readonly ours: Backend;
  readonly theirs: Plugin;
}

/** A module here and in the bare SDK, with the same paths. */
async function both(file: string, functions: readonly string[], root: string): Promise<Both> {
  const paths = { '/data': `${root}/data`, '/out': `${root}/out` };
  const spec = specOf(file, functions, {
    paths: new Map([
      ['/data', paths['/data']],
      ['/out', `rw:${paths['/out']}`],
    ]),
  });
  const data = new Uint8Array(readFileSync(spec.module.path));
  // Its paths can all be written.
  const theirs = await createPlugin({ wasm: [{ data }] }, { useWasi: true, allowedPaths: paths });
  onTestFinished(() => theirs.close());
  return { ours: await lanesOf({ lanes: 1 }).open(spec, () => undefined), theirs };
}

async function compared({ ours, theirs }: Both, name: string, input: string): Promise<string> {
  const answer = await textOf(ours, callOf(name, input));
  expect((await theirs.call(name, input))?.text() ?? '').toBe(answer);
  return answer;
}

describe('a module of WASI answers here as it does in the bare SDK', () => {
  it.each([
    ['initialized', 'x'],
    ['environment', 'x'],
    ['input', 'x'],
    ['read', '/data/file.txt'],
    ['read', '/data/folder/deep.txt'],
    ['read', '/data/folder/../file.txt'],
    ['read', '/data/none'],
    ['read', '/data/file.txt/none'],
    ['read', '/nothing/at/all'],
    ['write', 'w /out/new.txt some text'],
    ['write', 'r+ /out/none some text'],
    ['write', 'w /out/none/new.txt some text'],
    ['rearrange', '/out'],
    ['rearrange', '/out/none'],
    ['list', '/data/none'],
    ['list', '/data/file.txt'],
  ])('%s %s', async (name, input) => {
    const { root } = granted();
    await compared(await both('wasi-files.wasm', [name], root), name, input);
  });

  it('what one of them has written, the other reads', async () => {
    const { root } = granted();
    const plugins = await both('wasi-files.wasm', ['write', 'read'], root);
    await plugins.theirs.call('write', 'w /out/theirs from there');
    await textOf(plugins.ours, callOf('write', 'w /out/ours from here'));
    expect(await compared(plugins, 'read', '/out/theirs')).toBe('from there');
    expect(await compared(plugins, 'read', '/out/ours')).toBe('from here');
  });
});

describe('it differs from the SDK, and is as the Rust runtime', () => {
  it('in listing "." and ".."', async () => {
    const { root } = granted();
    const { ours, theirs } = await both('wasi-files.wasm', ['list'], root);
    expect(await textOf(ours, callOf('list', '/data'))).toBe('../ ./ file.txt folder/');
    expect((await theirs.call('list', '/data'))?.text()).toBe('file.txt folder/');
  });

  it('in what an exit in a call is', async () => {
    const { root } = granted();
    const { ours, theirs } = await both('wasi-files.wasm', ['exit'], root);
    expect(await textOf(ours, callOf('exit', '0'))).toBe('the last word');
    expect(await failureOf(ours, callOf('exit', '5'))).toMatchObject({ detail: 'it exited with code 5' });
    await expect(theirs.call('exit', '0')).rejects.toBeDefined();
  });
});

describe('it differs from both', () => {
  it('in running the main of a command before its functions are called', async () => {
    const { root } = granted();
    const { ours, theirs } = await both('wasi-command.wasm', ['how'], root);
    expect(await textOf(ours, callOf('how', 'x'))).toBe('1: tested with 0 arguments');
    expect((await theirs.call('how', 'x'))?.text()).not.toContain('tested');
  });
});
