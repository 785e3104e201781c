import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { discover } from '#src/registry/discover.js';
import { locate } from '#src/registry/locate.js';
import { describe, expect, it } from 'vitest';
import { configured, MANIFEST, pluginFiles, refusal, short, workspace } from './workspace.js';

const named = (name: string) => pluginFiles(MANIFEST.replace('name: pricing', `name: ${name}`), name);

async function found(root: string) {
  const { plugins, disabled } = await discover(await configured(root));
  const problems = [...disabled].map(([name, { problems }]) => [name, problems.map((problem) => short(problem, root))]);
  return { plugins: [...plugins.keys()], disabled: Object.fromEntries(problems) as Record<string, string[]> };
}

describe('The plugins folder', () => {
  it('gives its plugins in the order of their names', async () => {
    const root = workspace({ ...named('b'), ...named('a'), ...named('C'), ...named('a.b-c_1') });
    expect(await found(root)).toEqual({ plugins: ['C', 'a', 'a.b-c_1', 'b'], disabled: {} });
  });

  it('gives all but those with a mistake, which say it', async () => {
    const root = workspace({ ...named('a'), ...named('b'), ...named('c'), ...named('d') });
    writeFileSync(join(root, 'plugins/a/plugin.yaml'), 'name: [');
    writeFileSync(join(root, 'plugins/b/plugin.yaml'), MANIFEST);
    rmSync(join(root, 'plugins/c/a.so'));
    expect(await found(root)).toEqual({
      plugins: ['d'],
      disabled: {
        a: [expect.stringContaining('1:8: : not valid YAML')],
        b: ['1:7: name: expected "b", the name of its folder, found "pricing"'],
        c: ['10:14: backends.legacy.library: "a.so" is in none of: the plugin\'s folder'],
      },
    });
  });

  it('leaves hidden folders and plain files alone, and asks of any other folder to be a plugin', async () => {
    const root = workspace({
      ...named('a'),
      'plugins/README.md': 'read me',
      'plugins/.git/config': '',
      'plugins/empty/a.so': '',
      'plugins/a folder/plugin.yaml': MANIFEST,
      'plugins/pipe/plugin.yaml/x': '',
    });
    symlinkSync('README.md', join(root, 'plugins/notes'));
    symlinkSync('nowhere', join(root, 'plugins/gone'));
    const missing =
      '1:1: : expected a manifest in this plugin folder; remove the folder, or hide it by a dot before its name';
    expect(await found(root)).toEqual({
      plugins: ['a'],
      disabled: {
        'a folder': ['1:1: : expected a folder named by letters, digits, _, . and -, at most 64, found "a folder"'],
        empty: [missing],
        gone: [missing],
        pipe: ['1:1: : expected a file'],
      },
    });
  });

  it('may hold links to plugin folders', async () => {
    const root = workspace(named('a'));
    mkdirSync(join(root, 'elsewhere'));
    const target = workspace(named('linked'));
    symlinkSync(join(target, 'plugins/linked'), join(root, 'plugins/linked'));
    expect(await found(root)).toEqual({ plugins: ['a', 'linked'], disabled: {} });
  });

  it('is read anew each time', async () => {
    const root = workspace(named('a'));
    expect((await found(root)).plugins).toEqual(['a']);
    const b = workspace(named('b'));
    symlinkSync(join(b, 'plugins/b'), join(root, 'plugins/b'));
    expect((await found(root)).plugins).toEqual(['a', 'b']);
    rmSync(join(root, 'plugins/a'), { recursive: true });
    expect((await found(root)).plugins).toEqual(['b']);
  });

  it('has to be there, which is told at its key in the configuration', async () => {
    const root = workspace();
    const configuration = await configured(root, '# where\nplugins: ./nowhere\n');
    const [problem] = await refusal(() => discover(configuration));
    expect(problem).toEqual({
      file: join(root, 'banyan.yaml'),
      line: 2,
      column: 10,
      path: 'plugins',
      message: `${join(root, 'nowhere')}: there is no such folder`,
    });
  });

  it('disables a plugin whose manifest cannot be opened', async () => {
    const root = workspace(named('a'));
    rmSync(join(root, 'plugins/a/plugin.yaml'));
    symlinkSync('plugin.yaml', join(root, 'plugins/a/plugin.yaml'));
    expect((await found(root)).disabled).toEqual({ a: ['1:1: : its symbolic links lead in a circle'] });
  });
});

describe('A problem of an adapter', () => {
  const place = async (pointer: string, manifest = MANIFEST) => {
    const root = workspace(pluginFiles(manifest));
    return short(await locate(join(root, 'plugins/pricing/plugin.yaml'), { pointer, message: 'no' }));
  };

  it.each([
    ['/backends/legacy/library', '10:14: backends.legacy.library: no'],
    ['/backends/legacy/functions/quote/symbol', '12:24: backends.legacy.functions.quote.symbol: no'],
    ['/backends/wasm/memory', '13:3: backends.wasm.memory: no'],
    ['/nothing/of/this', '1:1: nothing.of.this: no'],
    ['', '1:1: : no'],
  ])('with the pointer %s gets the place in the manifest', async (pointer, expected) => {
    expect(await place(pointer)).toBe(expected);
  });

  it('is found through lists and escaped names', async () => {
    const manifest = MANIFEST.replace(
      'module: a.wasm',
      'module: a.wasm\n    link: { "a/b~c": x }\n    hosts: [h1, h2]',
    );
    expect(await place('/backends/wasm/link/a~1b~0c', manifest)).toBe('16:22: backends.wasm.link["a/b~c"]: no');
    expect(await place('/backends/wasm/hosts/1', manifest)).toBe('17:17: backends.wasm.hosts[1]: no');
  });

  it('stays at the beginning of a file that can no longer be read', async () => {
    expect(await place('/backends/wasm', 'a: [')).toBe('1:1: backends.wasm: no');
  });
});
