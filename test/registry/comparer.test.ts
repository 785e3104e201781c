import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plugin } from '#src/domain/plugin.js';
import { MANIFEST, onlyPlugin, pluginFiles, workspace } from './workspace.js';

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
