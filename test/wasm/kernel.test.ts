import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Kernel } from '#adapters/wasm/lane/kernel.js';

const module = new WebAssembly.Module(readFileSync('build/kernel/kernel.wasm'));
const MIB = 1024 * 1024;

interface Abi {
  alloc(length: bigint): bigint;
  free(offset: bigint): void;
  length(offset: bigint): bigint;
  length_unsafe(offset: bigint): bigint;
  load_u8(offset: bigint): number;
  load_u64(offset: bigint): bigint;
  store_u8(offset: bigint, byte: number): void;
  store_u64(offset: bigint, word: bigint): void;
  input_offset(): bigint;
  input_length(): bigint;
  input_load_u8(offset: bigint): number;
  input_load_u64(offset: bigint): bigint;
  output_set(offset: bigint, length: bigint): void;
  error_set(offset: bigint): void;
  error_get(): bigint;
}

function open(limit = 4 * MIB): { readonly kernel: Kernel; readonly abi: Abi } {
  const kernel = new Kernel(module, limit);
  return { kernel, abi: kernel.functions as unknown as Abi };
}

const begin = (kernel: Kernel, input: Uint8Array, limit = 4 * MIB): void => kernel.begin(input, input.length, limit);
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/** The reference: a live block is a handle with its bytes, and nothing else can be reached. */
class Model {
  readonly live = new Map<bigint, Uint8Array>();
  readonly handles: bigint[] = [];
  inputHandle = 0n;
  error = 0n;

  begin(handle: bigint, input: Uint8Array): void {
    this.live.clear();
    this.handles.length = 0;
    this.error = 0n;
    this.inputHandle = handle;
    if (handle !== 0n) this.add(handle, input.slice());
  }

  add(handle: bigint, bytes: Uint8Array): void {
    for (const [start, other] of this.live)
      if (handle < start + BigInt(other.length) && start < handle + BigInt(bytes.length))
        throw new Error('a new block overlaps a live one');
    this.live.set(handle, bytes);
    this.handles.push(handle);
  }

  get input(): Uint8Array {
    return this.live.get(this.inputHandle) ?? new Uint8Array(0);
  }

  /** The bytes from an offset to the end of its block; null for an offset in no live block. */
  from(offset: bigint): Uint8Array | null {
    for (const [start, bytes] of this.live)
      if (offset >= start && offset < start + BigInt(bytes.length)) return bytes.subarray(Number(offset - start));
    return null;
  }
}

/** A place to aim at: near a block (known or freed), or anywhere in 64 bits. */
const aim = fc.record({
  block: fc.nat(20),
  by: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: -9, max: 64 }) },
    { weight: 1, arbitrary: fc.integer({ min: -300, max: 70_000 }) },
  ),
  wild: fc.oneof({ weight: 8, arbitrary: fc.constant(0n) }, fc.constantFrom(1n << 32n, 1n << 48n, 1n << 63n, -1n)),
});

const size = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 3000 }),
  fc.constantFrom(65_536, 200_000),
);

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('alloc' as const), size }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('free' as const), aim }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('length' as const), aim }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('load' as const), aim, wide: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('store' as const),
      aim,
      wide: fc.boolean(),
      word: fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('input' as const),
      at: fc.oneof(fc.bigInt({ min: 0n, max: 80n }), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
      wide: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('output' as const),
      aim,
      length: fc.oneof(fc.bigInt({ min: 0n, max: 100n }), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('error' as const), aim }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('next-call' as const), input: fc.uint8Array({ maxLength: 100 }) }),
  },
);

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function attempt<T>(run: () => T): { readonly value: T } | 'trapped' {
  try {
    return { value: run() };
  } catch (error) {
    expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
    return 'trapped';
  }
}

function aimed(model: Model, { block, by, wild }: { block: number; by: number; wild: bigint }): bigint {
  const base = model.handles[block % Math.max(1, model.handles.length)] ?? 0n;
  return u64(base + BigInt(by) + wild);
}

function word(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}

function step(kernel: Kernel, abi: Abi, model: Model, base: number, op: Operation): void {
  switch (op.do) {
    case 'alloc': {
      const handle = abi.alloc(BigInt(op.size));
      if (op.size === 0) expect(handle).toBe(0n);
      else {
        expect(handle).toBeGreaterThanOrEqual(BigInt(base));
        const bytes = new Uint8Array(op.size);
        expect(Buffer.compare(kernel.bytes().subarray(Number(handle), Number(handle) + op.size), bytes)).toBe(0);
        model.add(handle, bytes);
      }
      return;
    }
    case 'free': {
      const offset = aimed(model, op.aim);
      abi.free(offset);
      if (model.live.delete(offset) && offset === model.inputHandle) model.inputHandle = 0n;
      return;
    }
    case 'length': {
      const offset = aimed(model, op.aim);
      const length = BigInt(model.live.get(offset)?.length ?? 0);
      expect([abi.length(offset), abi.length_unsafe(offset)]).toEqual([length, length]);
      return;
    }
    case 'load': {
      const offset = aimed(model, op.aim);
      const bytes = model.from(offset);
      const fits = bytes !== null && bytes.length >= (op.wide ? 8 : 1);
      const found = attempt(() => (op.wide ? u64(abi.load_u64(offset)) : abi.load_u8(offset)));
      expect(found).toEqual(fits ? { value: op.wide ? word(bytes) : bytes[0] } : 'trapped');
      return;
    }
    case 'store': {
      const offset = aimed(model, op.aim);
      const bytes = model.from(offset);
      const fits = bytes !== null && bytes.length >= (op.wide ? 8 : 1);
      const byte = Number(op.word & 0xffn);
      const done = attempt(() => (op.wide ? abi.store_u64(offset, op.word) : abi.store_u8(offset, byte)));
      expect(done).toEqual(fits ? { value: undefined } : 'trapped');
      if (!fits) return;
      if (op.wide) new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, op.word, true);
      else bytes[0] = byte;
      return;
    }
    case 'input': {
      const { input } = model;
      expect(abi.input_length()).toBe(BigInt(input.length));
      const fits = op.at + (op.wide ? 8n : 1n) <= BigInt(input.length);
      const found = attempt(() => (op.wide ? u64(abi.input_load_u64(op.at)) : abi.input_load_u8(op.at)));
      const at = Number(op.at);
      expect(found).toEqual(fits ? { value: op.wide ? word(input.subarray(at)) : input[at] } : 'trapped');
      return;
    }
    case 'output': {
      const offset = aimed(model, op.aim);
      const bytes = model.from(offset);
      const fits = bytes === null ? offset === 0n && op.length === 0n : op.length <= BigInt(bytes.length);
      expect(attempt(() => abi.output_set(offset, op.length))).toEqual(fits ? { value: undefined } : 'trapped');
      if (fits) expect([kernel.outputOffset, kernel.outputLength]).toEqual([Number(offset), Number(op.length)]);
      return;
    }
    case 'error': {
      const offset = aimed(model, op.aim);
      const bytes = model.live.get(offset);
      const fits = bytes !== undefined || offset === 0n;
      expect(attempt(() => abi.error_set(offset))).toEqual(fits ? { value: undefined } : 'trapped');
      if (fits) model.error = offset;
      expect(abi.error_get()).toBe(model.error);
      if (fits && bytes !== undefined) expect(Buffer.compare(kernel.error(MIB), bytes)).toBe(0);
      return;
    }
    case 'next-call': {
      kernel.end();
      expect(
        kernel
          .bytes()
          .subarray(base)
          .every((byte) => byte === 0),
      ).toBe(true);
      begin(kernel, op.input);
      model.begin(abi.input_offset(), op.input);
      return;
    }
    default:
      op satisfies never;
  }
}

describe('the kernel', () => {
  it('does what a model of blocks does, in any order of calls, and traps wherever the model has no byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.array(operation, { maxLength: 120, size: 'max' }),
        (input, operations) => {
          const { kernel, abi } = open(64 * MIB);
          begin(kernel, new Uint8Array(0), 64 * MIB);
          const base = Number(abi.alloc(1n));
          kernel.end();
          begin(kernel, input, 64 * MIB);
          const model = new Model();
          model.begin(abi.input_offset(), input);
          for (const op of operations) step(kernel, abi, model, base, op);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('keeps more blocks than a chunk of its table holds apart, and finds each of them', () => {
    const { kernel, abi } = open(16 * MIB);
    begin(kernel, new Uint8Array(0), 16 * MIB);
    const handles = Array.from({ length: 3000 }, (_, index) => abi.alloc(BigInt(1 + (index % 40))));
    handles.forEach((handle, index) => abi.store_u8(handle, index % 251));
    handles.forEach((handle, index) => {
      expect([abi.load_u8(handle), abi.length(handle)]).toEqual([index % 251, BigInt(1 + (index % 40))]);
    });
    kernel.end();
    begin(kernel, new Uint8Array(0), 16 * MIB);
    expect(abi.length(handles[2999]!)).toBe(0n);
  });

  it('uses freed blocks again: a million bytes a thousand times over fit in four MiB', () => {
    const { kernel, abi } = open();
    begin(kernel, new Uint8Array(0));
    for (let round = 0; round < 1000; round++) {
      const handle = abi.alloc(1_000_000n + BigInt(round % 7));
      abi.store_u8(handle, 1);
      abi.free(handle);
    }
    expect(kernel.used).toBeLessThan(4 * MIB);
  });

  it('gives a freed block out again only when it is wiped', () => {
    const { kernel, abi } = open();
    begin(kernel, new Uint8Array(0));
    const first = abi.alloc(64n);
    for (let at = 0n; at < 64n; at++) abi.store_u8(first + at, 0xee);
    abi.free(first);
    const second = abi.alloc(60n);
    expect(second).toBe(first);
    expect(Array.from({ length: 60 }, (_, at) => abi.load_u8(second + BigInt(at)))).toEqual(Array(60).fill(0));
  });

  it('traps, and says why, when the blocks of a call are over its limit, and serves the next call', () => {
    const { kernel, abi } = open(MIB);
    begin(kernel, new Uint8Array(100), MIB);
    expect(attempt(() => abi.alloc(BigInt(MIB)))).toBe('trapped');
    expect(kernel.fault).toMatchObject({ kind: 'memory', length: BigInt(MIB) });
    expect(attempt(() => abi.alloc(1n << 63n))).toBe('trapped');
    kernel.end();
    expect(attempt(() => begin(kernel, new Uint8Array(MIB), MIB))).toBe('trapped');
    kernel.end();
    begin(kernel, Uint8Array.of(1, 2, 3), MIB);
    expect(abi.input_length()).toBe(3n);
    expect(kernel.fault.kind).toBe('none');
  });

  it('lets a block fill what is left of the limit to the last kilobyte', () => {
    const { kernel, abi } = open(MIB);
    begin(kernel, new Uint8Array(0), MIB);
    const room = MIB - kernel.used - 32;
    expect(abi.length(abi.alloc(BigInt(room)))).toBe(BigInt(room));
  });

  it('says which access was wild', () => {
    const { kernel, abi } = open();
    begin(kernel, new Uint8Array(10));
    expect(attempt(() => abi.load_u64((1n << 40n) + 5n))).toBe('trapped');
    expect(kernel.fault).toEqual({ kind: 'load', offset: (1n << 40n) + 5n, length: 8n });
  });
});
