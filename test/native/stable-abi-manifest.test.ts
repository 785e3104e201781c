import { describe, expect, test } from 'vitest';
import type { NativeSpec } from '#src/domain/native.js';
import { MANIFEST, onlyPlugin, pluginFiles, workspace } from '../registry/workspace.js';

const BUFFER = '{ symbol: pricing_quote, convention: buffer }';
const LIBRARY = 'library: a.so';

async function legacyOf(manifest: string): Promise<NativeSpec | readonly string[]> {
  const plugin = await onlyPlugin(workspace(pluginFiles(manifest)));
  if (Array.isArray(plugin)) return plugin;
  const { legacy } = plugin.backends;
  if (legacy === null) throw new Error('there is no legacy backend');
  return legacy;
}

test('functions beside `abi: stable` are called by the vtable unless the manifest says otherwise', async () => {
  const manifest = MANIFEST.replace(LIBRARY, `${LIBRARY}\n    abi: stable\n    requires: ">=1.2 <3"`).replace(
    BUFFER,
    '{}',
  );
  expect(await legacyOf(manifest)).toMatchObject({
    abi: { requires: '>=1.2.0 <3.0.0-0' },
    functions: new Map([['quote', { convention: 'stable', symbol: 'quote' }]]),
  });
  expect(await legacyOf(manifest.replace('quote: {}', `quote: ${BUFFER}`))).toMatchObject({
    functions: new Map([['quote', { convention: 'buffer', symbol: 'pricing_quote' }]]),
  });
});

describe('a manifest is refused that', () => {
  test.each([
    [
      'requires a range that is none',
      MANIFEST.replace(LIBRARY, `${LIBRARY}\n    abi: stable\n    requires: newest`),
      /requires: expected a range of versions such as \^1\.2 or >=1\.4 <2/,
    ],
    [
      'requires a version of a library that tells none',
      MANIFEST.replace(LIBRARY, `${LIBRARY}\n    requires: ^1.2`),
      /requires: expected `abi: stable` beside it/,
    ],
    [
      'calls a function by a vtable that was not asked for',
      MANIFEST.replace(BUFFER, '{ convention: stable }'),
      /quote\.convention: expected `abi: stable` beside the functions of the stable ABI/,
    ],
    [
      'names another ABI',
      MANIFEST.replace(LIBRARY, `${LIBRARY}\n    abi: fast`),
      /backends\.legacy\.abi: expected stable, found "fast"/,
    ],
  ])('%s', async (_what, manifest, said) => {
    expect(await legacyOf(manifest)).toEqual([expect.stringMatching(said)]);
  });
});
