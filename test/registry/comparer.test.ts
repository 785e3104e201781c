import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plugin } from '#src/domain/plugin.js';
import { discover } from '#src/registry/discover.js';
import { configured, MANIFEST, onlyPlugin, pluginFiles, workspace } from './workspace.js';

const MANIFEST_BY = MANIFEST.replace('effects: pure', 'effects: pure\n    compare: { by: rules/compare.js }');
const EQUAL = 'export default () => true;\n';

async function pluginIn(root: string): Promise<Plugin> {
  const plugin = await onlyPlugin(root);
  if (Array.isArray(plugin)) throw new Error(plugin.join('\n'));
  return plugin;
}

function folderWith(comparer: string): string {
  return workspace({ ...pluginFiles(MANIFEST_BY), 'plugins/pricing/rules/compare.js': comparer });
}

describe('A module that cannot compare', () => {
  const MANIFEST_TWICE = MANIFEST_BY.replace(
    'backends:',
    '  refund:\n    compare: { by: ./rules/compare.js }\nbackends:',
  ).replace(/( +)quote: \{ symbol.*/, '$&\n$1refund: { symbol: refund, convention: buffer }');

  it('is a mistake of its plugin alone, at the place of `by`, and tried once for all functions', async () => {
    const root = workspace({
      ...pluginFiles(MANIFEST_TWICE),
      'plugins/pricing/rules/compare.js': EQUAL,
      ...pluginFiles(MANIFEST_BY.replace('name: pricing', 'name: other'), 'other'),
      'plugins/other/rules/compare.js': EQUAL,
    });
    const tried: string[] = [];
    const { plugins, disabled } = await discover(await configured(root), ({ path }) => {
      tried.push(path);
      return Promise.resolve(path.includes('/pricing/') ? 'it has a bad day' : null);
    });
    expect([...plugins.keys()]).toEqual(['other']);
    const right = 'expected an ES module in one file whose default export is a function of the two sides';
    const file = join(root, 'plugins/pricing/plugin.yaml');
    const about = { file, column: 20 };
    expect(disabled.get('pricing')?.problems).toEqual([
      {
        ...about,
        line: 6,
        path: 'functions.quote.compare.by',
        message: `"rules/compare.js" cannot compare: it has a bad day; ${right}`,
      },
      {
        ...about,
        line: 9,
        path: 'functions.refund.compare.by',
        message: `"./rules/compare.js" cannot compare: it has a bad day; ${right}`,
      },
    ]);
    expect(tried.sort()).toEqual(['other', 'pricing'].map((name) => join(root, `plugins/${name}/rules/compare.js`)));
  });
});

describe('A module that compares', () => {
  it('is found in the folder of its plugin, and hashed', async () => {
    const root = folderWith(EQUAL);
    const { functions } = await pluginIn(root);
    expect(functions.get('quote')?.compare).toEqual({
      as: 'module',
      module: {
        path: join(root, 'plugins/pricing/rules/compare.js'),
        sha256: createHash('sha256').update(EQUAL).digest('hex'),
      },
    });
  });

  it('makes another plugin, and another rule, when it changes', async () => {
    const root = folderWith(EQUAL);
    const before = await pluginIn(root);
    writeFileSync(join(root, 'plugins/pricing/rules/compare.js'), 'export default () => false;\n');
    const after = await pluginIn(root);
    expect(after.digest).not.toBe(before.digest);
    expect(after.functions.get('quote')?.compareDigest).not.toBe(before.functions.get('quote')?.compareDigest);
  });

  it('is the same rule wherever its plugin lies', async () => {
    const root = folderWith(EQUAL);
    const before = await pluginIn(root);
    renameSync(join(root, 'plugins'), join(root, 'moved'));
    const moved = await onlyPlugin(root, 'plugins: ./moved\n');
    expect(moved).toMatchObject({ name: 'pricing' });
    expect((moved as Plugin).functions.get('quote')?.compareDigest).toBe(before.functions.get('quote')?.compareDigest);
  });
});
