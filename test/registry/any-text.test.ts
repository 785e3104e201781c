import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured } from '#src/domain/misconfigured.js';
import { discover } from '#src/registry/discover.js';
import { parseConfiguration } from '#src/registry/read-configuration.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configured, MANIFEST, pluginFiles, workspace } from './workspace.js';

const CONFIGURATION = `data: { listen: 127.0.0.1:8080, allowOverride: false, limits: { body: 10MiB } }
admin: { listen: "[::1]:8081", hosts: [&h a.b, *h] }
plugins: ./plugins
libraryRoots:
  - /usr/lib
store: { kind: file, path: ./var }
lanes: 2
`;

/** Words that mean something to YAML or to a schema, so that random texts come near the edges of both. */
const WORDS = [
  ...['\n', '\n  ', '\n    ', ': ', '- ', '? ', '{', '}', '[', ']', ', ', '"', "'", '|\n', '>\n', '#', '\t', '\r'],
  ...['&a ', '*a', '<<', '!!str ', '!x ', '%YAML 1.1\n', '---\n', '...\n', '~', '.inf', '.nan', '0x10', '1e999', '\\'],
  ...['data', 'admin', 'name', 'functions', 'backends', 'legacy', 'wasm', 'quote', '__proto__', 'constructor'],
  ...['prototype', 'args', '$body', 'result', '127.0.0.1:1', '5s', '1MiB', '/x', '\u0000', '\ufeff', '\ud800'],
];

/** A text with some parts cut out, doubled or overwritten by words. */
const mutated = (text: string) =>
  fc
    .array(fc.tuple(fc.nat(text.length), fc.nat(12), fc.constantFrom('', ...WORDS)), { minLength: 1, maxLength: 5 })
    .map((edits) => edits.reduce((now, [at, cut, word]) => now.slice(0, at) + word + now.slice(at + cut), text));

const anyText = (good: string) =>
  fc.oneof(
    { weight: 4, arbitrary: mutated(good) },
    { weight: 2, arbitrary: fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map((words) => words.join('')) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  );
const anyBytes = (good: string) =>
  fc.oneof(
    { weight: 6, arbitrary: anyText(good).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  );

describe('Whatever a file contains', () => {
  it('a configuration is read or refused, and each mistake has a place inside the text', () => {
    fc.assert(
      fc.property(anyBytes(CONFIGURATION), (bytes) => {
        try {
          expect(parseConfiguration('/b.yaml', bytes).lanes).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof Misconfigured)) throw error;
          expect(error.problems.length).toBeGreaterThan(0);
          const lines = bytes.toString().split('\n').length;
          for (const { line, column, message } of error.problems) {
            expect(line).toBeGreaterThan(0);
            expect(line).toBeLessThanOrEqual(lines);
            expect(column).toBeGreaterThan(0);
            expect(message).not.toMatch(/undefined|\[object|another value/);
          }
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('a manifest makes a plugin or disables that one, and its neighbour is there', async () => {
    const good = MANIFEST.replace('name: pricing', 'name: good');
    const root = workspace({ ...pluginFiles(MANIFEST), ...pluginFiles(good, 'good') });
    const configuration = await configured(root);
    await fc.assert(
      fc.asyncProperty(anyBytes(MANIFEST), async (bytes) => {
        writeFileSync(join(root, 'plugins/pricing/plugin.yaml'), bytes);
        const { plugins, disabled } = await discover(configuration);
        expect(plugins.has('good')).toBe(true);
        expect(plugins.has('pricing')).not.toBe(disabled.has('pricing'));
        for (const { message } of disabled.get('pricing')?.problems ?? []) {
          expect(message).not.toMatch(/undefined|\[object|another value/);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
