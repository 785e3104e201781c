import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Kernel } from '#adapters/wasm/lane/kernel.js';

const module = new WebAssembly.Module(readFileSync('build/kernel/kernel.wasm'));
const MIB = 1024 * 1024;
const LIMIT = 64 * MIB;
const ZEROES = Buffer.alloc(LIMIT);

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

/**
 * What the kernel of the Rust runtime does with every access that is inside a live block, by the data that is seen, not by
 * addresses. Whatever is not inside one is a trap here, where that one reads what lies there, answers 0 or ignores the
 * call; and a new block is zero here, where that one leaves what a freed one held.
 */
class Model {
  readonly live = new Map<bigint, Uint8Array>();
  /** Of this call and of those before, freed ones too: what a guest might still know. */
  readonly handles: bigint[] = [];
  inputHandle = 0n;
  error = 0n;

  begin(handle: bigint, input: Uint8Array): void {
    this.live.clear();
    this.error = 0n;
    this.inputHandle = handle;
    if (handle !== 0n) this.add(handle, input.slice());
  }

  add(handle: bigint, bytes: Uint8Array): void {
    for (const [start, other] of this.live)
      if (handle < start + BigInt(other.length) && start < handle + BigInt(bytes.length))
        throw new Error('a new block overlaps a live one');
    this.live.set(handle, bytes);
    this.handles.unshift(handle);
  }

  get input(): Uint8Array {
    return this.live.get(this.inputHandle) ?? new Uint8Array(0);
  }

  get bytes(): number {
    return [...this.live.values()].reduce((sum, { length }) => sum + length, 0);
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
    { weight: 1, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 }) },
  ),
  wild: fc.oneof(
    { weight: 8, arbitrary: fc.constant(0n) },
    { weight: 1, arbitrary: fc.constantFrom(1n << 32n, 1n << 48n, 1n << 63n, -1n) },
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }) },
  ),
});

const handle = fc.record({ block: fc.nat(20), by: fc.constant(0), wild: fc.constant(0n) });

/** The largest one is over a segment of the kernel's maps. */
const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 3000 }) },
  { weight: 4, arbitrary: fc.constantFrom(65_536, 200_000) },
  { weight: 1, arbitrary: fc.constantFrom(1_000_000, 4_200_000) },
);

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('alloc' as const), size }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('free' as const), aim }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('free' as const), aim: handle }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('give' as const), bytes: fc.uint8Array({ maxLength: 100 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('read' as const), aim }) },
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
    arbitrary: fc.record({
      do: fc.constant('next-call' as const),
      input: fc.uint8Array({ maxLength: 100 }),
      limit: fc.constantFrom(LIMIT, LIMIT / 8),
    }),
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

interface Run {
  readonly kernel: Kernel;
  readonly abi: Abi;
  readonly model: Model;
  /** Where the first block of a call lies. */
  readonly base: number;
  /** Bytes that the present call may use. */
  limit: number;
}

/** A block that the kernel just made, in the model: it is where no other is, and full of what it should be full of. */
function adopt({ kernel, model, base }: Run, handle: bigint, bytes: Uint8Array): void {
  if (bytes.length === 0) {
    expect(handle).toBe(0n);
    return;
  }
  expect(handle).toBeGreaterThanOrEqual(BigInt(base));
  expect(Buffer.compare(kernel.read(handle) ?? ZEROES, bytes)).toBe(0);
  model.add(handle, bytes);
}

function expectAllBlocksAsIn({ kernel, model }: Run): void {
  for (const [handle, bytes] of model.live) expect(Buffer.compare(kernel.read(handle) ?? ZEROES, bytes)).toBe(0);
}

function step(run: Run, op: Operation): void {
  const { kernel, abi, model, base } = run;
  switch (op.do) {
    case 'alloc': {
      const made = attempt(() => abi.alloc(BigInt(op.size)));
      if (made !== 'trapped') adopt(run, made.value, new Uint8Array(op.size));
      else {
        expect(kernel.fault).toMatchObject({ kind: 'memory', length: BigInt(op.size) });
        expect(model.bytes + op.size).toBeGreaterThan(run.limit / 3);
      }
      return;
    }
    case 'give':
      adopt(run, kernel.write(op.bytes), op.bytes);
      return;
    case 'read': {
      const handle = aimed(model, op.aim);
      const bytes = model.live.get(handle);
      const found = kernel.read(handle);
      expect(found === null).toBe(bytes === undefined);
      if (found !== null && bytes !== undefined) expect(Buffer.compare(found, bytes)).toBe(0);
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
      if (fits && bytes !== undefined) expect(Buffer.compare(kernel.error(LIMIT), bytes)).toBe(0);
      return;
    }
    case 'next-call': {
      expectAllBlocksAsIn(run);
      kernel.end();
      const left = kernel.bytes().subarray(base);
      expect(Buffer.compare(left, ZEROES.subarray(0, left.length))).toBe(0);
      run.limit = op.limit;
      begin(kernel, op.input, op.limit);
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
          const { kernel, abi } = open(LIMIT);
          begin(kernel, new Uint8Array(0), LIMIT);
          const base = Number(abi.alloc(1n));
          kernel.end();
          begin(kernel, input, LIMIT);
          const run = { kernel, abi, model: new Model(), base, limit: LIMIT };
          run.model.begin(abi.input_offset(), input);
          for (const op of operations) step(run, op);
          expectAllBlocksAsIn(run);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('keeps thousands of blocks apart, and finds each of them', () => {
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

  it('joins freed blocks: a buffer that grows by a kilobyte at a time to 4 MiB needs no more than 16', () => {
    const { kernel, abi } = open(16 * MIB);
    begin(kernel, new Uint8Array(100), 16 * MIB);
    let buffer = abi.alloc(1024n);
    for (let length = 2048; length <= 4 * MIB; length += 1024) {
      const longer = abi.alloc(BigInt(length));
      abi.free(buffer);
      buffer = longer;
    }
    expect(abi.length(buffer)).toBe(BigInt(4 * MIB));
  });

  it('does not run out while two thirds of its memory are free, whatever sizes come and go', () => {
    const step = fc.record({ exponent: fc.double({ min: 0, max: 20, noNaN: true }), victim: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 500, maxLength: 3000, size: 'max' }), (steps) => {
        const { kernel, abi } = open(16 * MIB);
        begin(kernel, new Uint8Array(0), 16 * MIB);
        const blocks: { readonly handle: bigint; readonly length: number }[] = [];
        let used = 0;
        for (const { exponent, victim } of steps) {
          const length = Math.floor(2 ** exponent);
          while (used + length > (16 * MIB) / 3) {
            const [freed] = blocks.splice(victim % blocks.length, 1);
            abi.free(freed!.handle);
            used -= freed!.length;
          }
          blocks.push({ handle: abi.alloc(BigInt(length)), length });
          used += length;
        }
        for (const { handle, length } of blocks) expect(abi.length(handle)).toBe(BigInt(length));
      }),
      { numRuns: 50 },
    );
  });

  it('takes what small blocks leave for a large one, and what a large one leaves for small ones', () => {
    const { kernel, abi } = open(LIMIT);
    begin(kernel, new Uint8Array(0), LIMIT);
    const small = Array.from({ length: 100_000 }, () => abi.alloc(200n));
    for (const handle of small) abi.free(handle);
    const large = abi.alloc(BigInt(60 * MIB));
    const behind = abi.alloc(8n);
    abi.free(large);
    for (let count = 0; count < 60; count++) abi.alloc(BigInt(MIB - 16));
    expect(abi.length(behind)).toBe(8n);
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
