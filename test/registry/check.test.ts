import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkFiles, type CheckFilesOptions } from '#src/registry/check-files.js';
import { describe, expect, it } from 'vitest';
import { configured, MANIFEST, pluginFiles, workspace } from './workspace.js';

async function checked(config: string, options: Partial<CheckFilesOptions> = {}) {
  const lines: string[] = [];
  const status = await checkFiles({ config, json: false, print: (line) => lines.push(line), ...options });
  return { status, lines };
}

async function twoPlugins(): Promise<string> {
  const files = ['a', 'b'].map((name) => pluginFiles(MANIFEST.replace('name: pricing', `name: ${name}`), name));
  const root = workspace(Object.assign({}, ...files) as Record<string, string>);
  await configured(root);
  return root;
}

describe('banyan check', () => {
  it('finds nothing wrong with the example plugins', async () => {
    const config = new URL('../../build/example/banyan.yaml', import.meta.url).pathname;
    const { status, lines } = await checked(config);
    expect(lines).toEqual(['0 mistakes; fine: cart, crc, faulty, image, pricing, vowels']);
    expect(status).toBe(0);
  });

  it('prints each mistake of each file on a line that an editor can follow, and fails', async () => {
    const root = await twoPlugins();
    writeFileSync(join(root, 'plugins/a/plugin.yaml'), 'name: a\nversion: 1\n');
    rmSync(join(root, 'plugins/b/a.wasm'));
    const a = join(root, 'plugins/a/plugin.yaml');
    expect(await checked(join(root, 'banyan.yaml'))).toEqual({
      status: 1,
      lines: [
        `${a}:1:1: functions: missing key \`functions\`: expected a mapping`,
        `${a}:1:1: backends: missing key \`backends\`: expected a mapping`,
        `${a}:2:10: version: expected a version such as 1.4.0, found 1; write it in quotes: "1"`,
        `${join(root, 'plugins/b/plugin.yaml')}:15:13: backends.wasm.module: "a.wasm": there is no such file`,
        '4 mistakes; no plugin is fine',
      ],
    });
  });

  it('prints what the configuration has wrong, even when there is none', async () => {
    const root = workspace();
    const config = join(root, 'banyan.yaml');
    const { status, lines } = await checked(config);
    expect(status).toBe(1);
    expect(lines[0]).toBe(`${config}:1:1: there is no such file`);
  });

  it('gives what a probe found its place in the manifest', async () => {
    const root = await twoPlugins();
    const { status, lines } = await checked(join(root, 'banyan.yaml'), {
      probe: ({ name }) =>
        Promise.resolve({
          problems:
            name === 'a' ? [] : [{ pointer: '/backends/legacy/functions/quote/symbol', message: 'no such symbol' }],
          warnings: name === 'a' ? ['its native code is not held back'] : [],
        }),
    });
    expect(status).toBe(1);
    expect(lines).toEqual([
      `${join(root, 'plugins/b/plugin.yaml')}:12:24: backends.legacy.functions.quote.symbol: no such symbol`,
      'warning: a: its native code is not held back',
      '1 mistake; fine: a',
    ]);
  });

  it('prints the same as JSON for programs', async () => {
    const root = await twoPlugins();
    rmSync(join(root, 'plugins/b/plugin.yaml'));
    const { status, lines } = await checked(join(root, 'banyan.yaml'), { json: true });
    expect(status).toBe(1);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        plugins: ['a'],
        problems: [
          {
            file: join(root, 'plugins/b/plugin.yaml'),
            line: 1,
            column: 1,
            path: '',
            message:
              'expected a manifest in this plugin folder; remove the folder, or hide it by a dot before its name',
          },
        ],
        warnings: [],
      },
    ]);
  });

  it('has no complaint about a folder without plugins', async () => {
    const root = workspace({ 'plugins/.keep': '' });
    await configured(root);
    expect(await checked(join(root, 'banyan.yaml'))).toEqual({ status: 0, lines: ['no plugins, no mistakes'] });
  });
});
