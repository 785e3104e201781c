import fc, { type Arbitrary } from 'fast-check';
import type { WasmSpec } from '#src/domain/plugin.js';
import { linkOf } from './harness.js';

/** A module that is run through both sides, and inputs for its functions; `log` counts for the rate of lines. */
export interface ParityCase {
  readonly module: string;
  /** What it was made with. */
  readonly pdk: string;
  readonly functions: Readonly<Record<string, Arbitrary<Uint8Array>>>;
  readonly extra?: Partial<WasmSpec>;
  /** Calls that are compared; default 60 for each function. */
  readonly calls?: number;
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 }).map((value) => Buffer.from(value));
const ascii = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 400 }).map((value) => Buffer.from(value));
const bytes = fc.uint8Array({ minLength: 1, maxLength: 20_000 });
const short = fc.uint8Array({ minLength: 1, maxLength: 40 });
const nothing = fc.constant(Uint8Array.of(0));
const key = fc.constantFrom('label', 'näme', 'missing', 'Label').map((name) => Buffer.from(name));

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

const config = new Map([
  ['label', 'vowels of "this"'],
  ['näme', 'grüße'],
]);

export const CASES: readonly ParityCase[] = [
  { module: 'vowels.wasm', pdk: 'C', functions: { count: fc.oneof(text, bytes), list: text } },
  { module: 'pricing-1.0.0.wasm', pdk: 'C', functions: { quote: fc.oneof(quote, text) } },
  { module: 'pricing-1.0.1.wasm', pdk: 'C', functions: { quote: fc.oneof(quote, text) } },
  { module: 'image.wasm', pdk: 'C', functions: { grey: fc.oneof(frame, bytes) } },
  { module: 'crc.wasm', pdk: 'C', functions: { checksum: bytes } },
  { module: 'sha256.wasm', pdk: 'C', functions: { digest: bytes } },
  {
    module: 'faulty.wasm',
    pdk: 'C',
    functions: { echo: bytes, error: bytes, print: nothing, segfault: nothing, abort: nothing, overflow: nothing },
    calls: 20,
  },
  {
    module: 'notes.wasm',
    pdk: 'AssemblyScript',
    functions: { echo: bytes, count: text, remember: short, refuse: text, out_of_range: nothing },
    extra: { config },
  },
  { module: 'notes.wasm', pdk: 'AssemblyScript', functions: { log: text }, calls: 30 },
  {
    module: 'reverse.wasm',
    pdk: 'text format',
    functions: { reverse: bytes, config: key, visits: nothing },
    extra: { config },
  },
  { module: 'reverse.wasm', pdk: 'text format', functions: { log: text } },
  {
    module: 'shout.wasm + upper.wasm',
    pdk: 'text format, linked',
    functions: { shout: ascii, calls: nothing },
    extra: { link: linkOf({ 'extism:host/user': 'upper.wasm' }) },
    calls: 40,
  },
  {
    module: 'parity.wasm + even.wasm + odd.wasm',
    pdk: 'text format, circular',
    functions: { parity: bytes },
    extra: { link: linkOf({ even: 'even.wasm', odd: 'odd.wasm' }) },
  },
];
