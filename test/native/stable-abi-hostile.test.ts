import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readDescriptor } from '#adapters/native/abi/descriptor.js';
import { judge } from '#adapters/native/abi/judge.js';
import { findNote } from '#adapters/native/elf/notes.js';
import { fixture } from './libraries.js';

const GOOD = readFileSync(fixture('tariff-1.1'));
const NOTE = findNote(GOOD, 'Banyan', 1) as Buffer;
const DESCRIPTOR = NOTE.byteOffset - GOOD.byteOffset;
const NOTE_HEAD = DESCRIPTOR - 20;
const FUNCTIONS_AT = DESCRIPTOR + 200;
const ROWS_AT = FUNCTIONS_AT + 2 * 72;
const SEGMENTS = Number(GOOD.readBigUInt64LE(32));
const SEGMENT_COUNT = GOOD.readUInt16LE(56);

/** Where the file's segments of notes are told, by their index in the table. */
const NOTE_SEGMENTS = Array.from({ length: SEGMENT_COUNT }, (_, index) => SEGMENTS + 56 * index).filter(
  (at) => GOOD.readUInt32LE(at) === 4,
);
const OURS = NOTE_SEGMENTS.find(
  (at) =>
    Number(GOOD.readBigUInt64LE(at + 8)) <= NOTE_HEAD &&
    NOTE_HEAD < Number(GOOD.readBigUInt64LE(at + 8) + GOOD.readBigUInt64LE(at + 32)),
)!;

const EXPECTED = { plugin: 'tariff', requires: '^1', functions: [{ name: 'echo', symbol: 'echo' }], types: [] };

/** The good file with something else in it. */
function changed(change: (file: Buffer) => unknown): Buffer {
  const copy = Buffer.from(GOOD);
  change(copy);
  return copy;
}

const u32 = (at: number, value: number) => changed((file) => file.writeUInt32LE(value, at));

test('the good file is read whole', () => {
  expect(readDescriptor(GOOD)).toMatchObject({
    minor: 1,
    plugin: 'tariff',
    version: '1.2.0',
    vtable: { prefix: 4, fields: 5 },
    functions: ['postage', 'echo'],
  });
});

describe('a descriptor is refused with a sentence when', () => {
  test.each<[string, Buffer, RegExp]>([
    [
      'its magic is another',
      changed((file) => file.write('NAYNAB', DESCRIPTOR)),
      /^magic: expected "BANYANPL", found "NAYNABPL"$/,
    ],
    ['its words are of 32 bits', u32(DESCRIPTOR + 12, 4), /^word size: expected 8 bytes, found 4$/],
    [
      'its byte order is no order',
      u32(DESCRIPTOR + 8, 7),
      /^byte order: expected little-endian, found the mark 0x00000007$/,
    ],
    ['it says another size than its note', u32(DESCRIPTOR + 24, 16), /it says 16 bytes, and its note has 1664/],
    ['its head is shorter than any', u32(DESCRIPTOR + 28, 8), /its head says 8 bytes; version 1 has 200 or more/],
    ['a function is shorter than any', u32(DESCRIPTOR + 32, 0), /a function says 0 bytes/],
    ['a row is shorter than any', u32(DESCRIPTOR + 36, 87), /a row of its types says 87 bytes/],
    ['it counts 2^32 - 1 functions', u32(DESCRIPTOR + 40, 0xffff_ffff), /4294967295 functions and 15 rows .* not 1664/],
    ['it counts 2^32 - 1 rows', u32(DESCRIPTOR + 44, 0xffff_ffff), /2 functions and 4294967295 rows/],
    [
      'a name has no end',
      changed((file) => file.fill(0x61, FUNCTIONS_AT, FUNCTIONS_AT + 72)),
      /function 0 has no end within its 72 bytes/,
    ],
    [
      'a name is empty',
      changed((file) => file.fill(0, FUNCTIONS_AT, FUNCTIONS_AT + 72)),
      /the name of function 0 is empty/,
    ],
    [
      'a name would steer a terminal',
      changed((file) => file.write('\x1b[2J', FUNCTIONS_AT)),
      /the name of function 0 is not printable/,
    ],
    [
      'a function is in it twice',
      changed((file) => file.write('echo\0', FUNCTIONS_AT)),
      /the function echo is in it twice/,
    ],
    ['its types begin with a field', u32(ROWS_AT, 1), /banyan_slice is a field of no type/],
    [
      'a field is of a kind that nobody knows',
      u32(ROWS_AT + 88 + 12, 77),
      /the kind 77 of banyan_slice\.data is not known/,
    ],
    [
      'its note is longer than its segment',
      u32(NOTE_HEAD + 4, 0xffff_fff0),
      /a name of 7 and 4294967280 bytes, beyond the end/,
    ],
    [
      'its note has a name of 4 GiB',
      u32(NOTE_HEAD, 0xffff_ffff),
      /a name of 4294967295 and 1664 bytes, beyond the end/,
    ],
    [
      'its segment of notes is beyond the file',
      changed((file) => file.writeBigUInt64LE(1n << 62n, OURS + 32)),
      /beyond its end/,
    ],
    [
      'its segment of notes begins nowhere',
      changed((file) => file.writeBigUInt64LE((1n << 64n) - 8n, OURS + 8)),
      /beyond its end/,
    ],
    ['the file breaks off', GOOD.subarray(0, DESCRIPTOR + 100), /beyond its end/],
    ['the file is nothing but a head', GOOD.subarray(0, 64), /table of \d+ segments does not lie within the file/],
    ['the head breaks off', GOOD.subarray(0, 63), /its ELF head is cut short/],
    [
      'the table of segments lies elsewhere',
      changed((file) => file.writeUInt16LE(0xffff, 56)),
      /table of 65535 segments/,
    ],
    ['there are two', doubled(), /it has 2 notes of Banyan/],
    ['it is one of more notes than anybody has', crowded(), /it has more than 1000 notes/],
  ])('%s', (_when, file, sentence) => {
    expect(readDescriptor(file)).toEqual([expect.stringMatching(sentence)]);
  });

  test('its vtable lacks what is required', () => {
    const file = u32(DESCRIPTOR + 52, 3);
    expect(judge(file, EXPECTED)).toContainEqual({
      pointer: '/backends/legacy/abi',
      message: 'fields of the vtable: expected 4 or more, found 3',
    });
  });

  test('it counts 2^32 - 1 fields of its vtable', () => {
    expect(judge(u32(DESCRIPTOR + 52, 0xffff_ffff), EXPECTED)).toContainEqual({
      pointer: '/backends/legacy/abi',
      message: 'fields of banyan_vtable: expected 4294967295, found 5',
    });
  });
});

test('the same note in two segments that overlap is one note', () => {
  const other = NOTE_SEGMENTS.find((at) => at !== OURS);
  const file = changed((copy) => {
    const at = other ?? SEGMENTS;
    copy.writeUInt32LE(4, at);
    GOOD.copy(copy, at + 8, OURS + 8, OURS + 56);
  });
  expect(readDescriptor(file)).toMatchObject({ plugin: 'tariff' });
});

test('a file without segments has no descriptor', () => {
  expect(readDescriptor(changed((file) => file.writeUInt16LE(0, 56)))).toEqual([
    'it has no descriptor: no note of Banyan is in the file',
  ]);
});

test('no mutation of a good file makes the reader do anything but read or refuse', () => {
  const near = fc.oneof(
    fc.integer({ min: 0, max: 63 }),
    fc.integer({ min: SEGMENTS, max: SEGMENTS + 56 * SEGMENT_COUNT - 1 }),
    fc.integer({ min: NOTE_HEAD - 40, max: DESCRIPTOR + NOTE.length - 1 }),
    fc.integer({ min: 0, max: GOOD.length - 1 }),
  );
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 16 }),
    fc
      .constantFrom([0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80])
      .map((list) => Uint8Array.from(list)),
  );
  const mutations = fc.array(fc.tuple(near, bytes), { minLength: 1, maxLength: 6 });
  const end = fc.oneof(
    { weight: 3, arbitrary: fc.constant(GOOD.length) },
    { weight: 1, arbitrary: fc.nat(GOOD.length) },
  );
  fc.assert(
    fc.property(mutations, end, (mutated, length) => {
      // What follows the file in its memory says that it was read.
      const memory = Buffer.alloc(GOOD.length + 4096, 'Q');
      const file = memory.subarray(0, length);
      GOOD.copy(memory, 0, 0, length);
      for (const [at, written] of mutated) if (at < length) file.set(written.subarray(0, length - at), at);
      const judged = judge(file, EXPECTED);
      if ('vtable' in judged) expect(judged.plugin).toBe('tariff');
      else {
        expect(judged.length).toBeGreaterThan(0);
        for (const { pointer, message } of judged) {
          expect(pointer).toMatch(/^\/backends\/legacy\/(abi|requires|functions\/echo)$/);
          expect(message).not.toContain('QQQQ');
        }
      }
    }),
    { numRuns: 3000 },
  );
});

/** With a second note of ours, in a segment that says where it is: behind the end of the first. */
function doubled(): Buffer {
  const note = GOOD.subarray(NOTE_HEAD, DESCRIPTOR + NOTE.length);
  const file = Buffer.concat([GOOD, Buffer.alloc((4 - (GOOD.length % 4)) % 4), note]);
  const at = NOTE_SEGMENTS.find((each) => each !== OURS) ?? SEGMENTS;
  segment(file, at, file.length - note.length, note.length);
  return file;
}

function crowded(): Buffer {
  const notes = Buffer.alloc(12 * 2000);
  const file = Buffer.concat([GOOD, Buffer.alloc((4 - (GOOD.length % 4)) % 4), notes]);
  segment(file, NOTE_SEGMENTS.find((each) => each !== OURS) ?? SEGMENTS, file.length - notes.length, notes.length);
  return file;
}

function segment(file: Buffer, at: number, start: number, length: number): void {
  file.writeUInt32LE(4, at);
  file.writeBigUInt64LE(BigInt(start), at + 8);
  file.writeBigUInt64LE(BigInt(length), at + 32);
  file.writeBigUInt64LE(4n, at + 48);
}
