import { readFileSync } from 'node:fs';
import createPlugin, { type Plugin } from '@extism/extism';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '#src/domain/backend.js';
import { Failed } from '#src/domain/failure.js';
import { type Lanes, startLanes } from '#adapters/wasm/parent/lanes.js';
import { callOf, specOf } from './harness.js';

let lanes: Lanes;
beforeAll(() => {
  lanes = startLanes({ lanes: 2 });
});
afterAll(() => lanes.close());

/** An answer's bytes in hex, or what the plugin said instead. */
type Answer = { readonly output: string } | { readonly error: string };

async function ours(backend: Backend, name: string, input: Uint8Array): Promise<Answer> {
  try {
    return { output: Buffer.from((await backend.call(callOf(name, input))).output).toString('hex') };
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.code !== 'plugin-error') throw error;
    return { error: error.failure.detail };
  }
}

async function theirs(plugin: Plugin, name: string, input: Uint8Array): Promise<Answer> {
  try {
    const output = await plugin.call(name, input);
    return { output: Buffer.from(output?.bytes() ?? []).toString('hex') };
  } catch (error) {
    return { error: (error as Error).message.replace(/^Plugin-originated error: /, '') };
  }
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 }).map((value) => Buffer.from(value));
const bytes = fc.uint8Array({ minLength: 1, maxLength: 20_000 });

/** An RGBA frame as the plugin wants it: width and height, then the pixels; or what is not quite one. */
const frame = fc
  .tuple(fc.nat(40), fc.nat(40), fc.integer({ min: -1, max: 1 }), fc.integer())
  .map(([width, height, off, seed]) => {
    const pixels = Buffer.alloc(Math.max(1, 8 + width * height * 4 + off), seed & 0xff);
    pixels.writeUInt32LE(width, 0);
    if (pixels.length >= 8) pixels.writeUInt32LE(height, 4);
    return pixels;
  });

/** An order as the plugin wants it, and some that it refuses. */
const quote = fc
  .record({
    sku: fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/),
    unitPriceCents: fc.integer({ min: 1, max: 1_000_000 }),
    quantity: fc.integer({ min: 0, max: 2000 }),
    discountPercent: fc.integer({ min: 0, max: 101 }),
    taxPercent: fc.nat(100),
  })
  .map((value) => Buffer.from(JSON.stringify(value)));

describe('a module answers here as it does in the bare SDK', () => {
  it.each([
    ['vowels.wasm', 'count', fc.oneof(text, bytes)],
    ['vowels.wasm', 'list', text],
    ['pricing-1.0.0.wasm', 'quote', fc.oneof(quote, text)],
    ['pricing-1.0.1.wasm', 'quote', fc.oneof(quote, text)],
    ['image.wasm', 'grey', fc.oneof(frame, bytes)],
    ['crc.wasm', 'checksum', bytes],
    ['sha256.wasm', 'digest', bytes],
    ['faulty.wasm', 'echo', bytes],
    ['faulty.wasm', 'error', bytes],
  ] as const)('%s %s', async (file, name, input) => {
    const spec = specOf(file, [name]);
    const backend = await lanes.open(spec, () => undefined);
    const plugin = await createPlugin({ wasm: [{ data: new Uint8Array(readFileSync(spec.module.path)) }] }, {});
    await fc.assert(
      fc.asyncProperty(input, async (value) => {
        expect(await ours(backend, name, value)).toEqual(await theirs(plugin, name, value));
      }),
      { numRuns: 60 },
    );
    await plugin.close();
    await backend.close();
  });

  it('except for a status without a text, which the SDK does not look at', async () => {
    const backend = await lanes.open(specOf('faulty.wasm', ['status']), () => undefined);
    const data = new Uint8Array(readFileSync('build/fixtures/wasm/faulty.wasm'));
    const plugin = await createPlugin({ wasm: [{ data }] }, {});
    expect(await ours(backend, 'status', Uint8Array.of(1))).toEqual({ error: 'it returned status 3' });
    expect(await theirs(plugin, 'status', Uint8Array.of(1))).toEqual({ output: '' });
  });
});
