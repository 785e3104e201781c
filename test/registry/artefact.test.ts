import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { discover } from '#src/registry/discover.js';
import { describe, expect, it } from 'vitest';
import { configured, MANIFEST, onlyPlugin, pluginFiles, workspace } from './workspace.js';

const hex = (content: string) => createHash('sha256').update(content).digest('hex');

describe('An artefact', () => {
  const at = '10:14: backends.legacy.library: ';
  const places = "neither inside the plugin's folder nor under one of libraryRoots";

  /** A workspace with a library root beside the plugins, and links that lead in and out. */
  function linked(library: string): string {
    const root = workspace({
      ...pluginFiles(MANIFEST.replace('library: a.so', `library: ${library}`)),
      'outside.so': 'outside',
      'roots/first/liby.so.1.2': 'y of the first root',
      'roots/second/liby.so.1': 'y of the second root',
      'roots/second/libz.so': 'z',
      'roots/second/deep/libdeep.so': 'deep',
      'roots/second/a.so': 'not meant',
    });
    symlinkSync('liby.so.1.2', join(root, 'roots/first/liby.so.1'));
    symlinkSync('roots/first', join(root, 'linked-root'));
    symlinkSync('../../outside.so', join(root, 'roots/first/libout.so'));
    symlinkSync('../../outside.so', join(root, 'plugins/pricing/out.so'));
    symlinkSync('../../roots/second/libz.so', join(root, 'plugins/pricing/system.so'));
    symlinkSync('loop.so', join(root, 'plugins/pricing/loop.so'));
    mkdirSync(join(root, 'plugins/pricing/folder.so'));
    return root;
  }
  const ROOTS = 'libraryRoots: [./nowhere, ./linked-root, ./roots/second]\n';
  const libraryOf = async (library: string): Promise<string | string[]> => {
    const root = linked(library);
    const found = await onlyPlugin(root, ROOTS);
    return Array.isArray(found) ? found : (found.backends.legacy?.library.path.replace(root, '') ?? '');
  };

  it.each([
    ["a path inside the plugin's folder", './a.so', '/plugins/pricing/a.so'],
    ["the plugin's own library before that of a root", 'a.so', '/plugins/pricing/a.so'],
    ['a bare name in the first root that has it, links resolved', 'liby.so.1', '/roots/first/liby.so.1.2'],
    ['a bare name in a later root', 'libz.so', '/roots/second/libz.so'],
    ['a link from the folder into a root', 'system.so', '/roots/second/libz.so'],
  ])('may be %s', async (_, library, path) => {
    expect(await libraryOf(library)).toBe(path);
  });

  it('may be an absolute path under a root, even one that is a link', async () => {
    const root = linked('a.so');
    const file = join(root, 'plugins/pricing/plugin.yaml');
    writeFileSync(file, MANIFEST.replace('a.so', join(root, 'linked-root/liby.so.1')));
    const found = await onlyPlugin(root, ROOTS);
    expect(found).toMatchObject({ backends: { legacy: { library: { sha256: hex('y of the first root') } } } });
  });

  it.each([
    ['a name in no root', 'libq.so', '"libq.so" is in none of: the plugin\'s folder, /linked-root, /roots/second'],
    [
      'a name below a root, which is not searched',
      'libdeep.so',
      '"libdeep.so" is in none of: the plugin\'s folder, /linked-root, /roots/second',
    ],
    ['a path out of the folder', '../../outside.so', `"../../outside.so" leads to /outside.so, which is ${places}`],
    ['a link out of the folder', 'out.so', `"out.so" leads to /outside.so, which is ${places}`],
    ['a link out of a root', 'libout.so', `"libout.so" leads to /outside.so, which is ${places}`],
    ['an absolute path elsewhere', '/bin/sh', expect.stringContaining(places) as string],
    ['an absolute path to nothing', '/nowhere/a.so', '"/nowhere/a.so": there is no such file'],
    ['a folder', 'folder.so', '"folder.so": expected a file'],
    ['a link to itself', 'loop.so', '/plugins/pricing/loop.so: its symbolic links lead in a circle'],
  ])('is refused for %s', async (_, library, message) => {
    const [problem, ...more] = await libraryOf(library);
    expect(more).toEqual([]);
    expect(problem?.slice(0, at.length)).toBe(at);
    expect(problem?.slice(at.length)).toEqual(message);
  });

  it('of another module stays inside the folder as well', async () => {
    const change = 'module: a.wasm\n    link: { "a/b": ../../banyan.yaml, c: nope.wasm }';
    const root = workspace(pluginFiles(MANIFEST.replace('module: a.wasm', change)));
    expect(await onlyPlugin(root)).toEqual([
      '16:20: backends.wasm.link["a/b"]: "../../banyan.yaml" leads out of the plugin\'s folder, to /banyan.yaml',
      '16:42: backends.wasm.link.c: "nope.wasm": there is no such file',
    ]);
  });

  it('changes the digest of its plugin, as its manifest does, and nothing else does', async () => {
    const root = workspace({ ...pluginFiles(MANIFEST), 'plugins/pricing/notes.txt': 'one' });
    const digest = async () => {
      const { plugins } = await discover(await configured(root));
      return plugins.get('pricing')?.digest;
    };
    const before = await digest();
    writeFileSync(join(root, 'plugins/pricing/notes.txt'), 'two');
    expect(await digest()).toBe(before);
    writeFileSync(join(root, 'plugins/pricing/a.wasm'), 'another module');
    const changed = await digest();
    expect(changed).not.toBe(before);
    writeFileSync(join(root, 'plugins/pricing/plugin.yaml'), `${MANIFEST}# a note\n`);
    expect(new Set([before, changed, await digest()]).size).toBe(3);
  });
});
