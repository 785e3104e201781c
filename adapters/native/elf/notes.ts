const HEAD_SIZE = 64;
const SEGMENT_SIZE = 56;
const NOTE_SEGMENT = 4;
const NOTE_HEAD = 12;
/** With this count the real one lies elsewhere; no shared library has so many segments. */
const COUNT_ELSEWHERE = 0xffff;

/** Linkers leave a handful. Walking millions of empty ones would keep a child busy for minutes. */
const MOST_NOTES = 1000;

/**
 * The descriptor of the one note of this name and type in an ELF64 file's segments, which are what a loader goes by: a
 * view of `file`, or null when there is none. A string says what is wrong with the file's notes. Trusts nothing in it.
 */
export function findNote(file: Uint8Array, name: string, type: number): Buffer | string | null {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < HEAD_SIZE) return 'its ELF head is cut short';
  const table = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  const count = bytes.readUInt16LE(56);
  if (count === 0) return null;
  if (count === COUNT_ELSEWHERE || size !== SEGMENT_SIZE || table + count * size > bytes.length)
    return `its table of ${count} segments does not lie within the file`;

  const found = new Map<number, Buffer>();
  let visited = 0;
  for (let index = 0; index < count; index++) {
    const at = table + index * SEGMENT_SIZE;
    if (bytes.readUInt32LE(at) !== NOTE_SEGMENT) continue;
    const start = Number(bytes.readBigUInt64LE(at + 8));
    const length = Number(bytes.readBigUInt64LE(at + 32));
    if (start + length > bytes.length) return `a segment of notes says ${length} bytes at ${start}, beyond its end`;
    const padding = Number(bytes.readBigUInt64LE(at + 48)) === 8 ? 8 : 4;
    for (const note of notesIn(bytes, start, start + length, padding)) {
      if (typeof note === 'string') return note;
      visited += 1;
      if (visited > MOST_NOTES) return `it has more than ${MOST_NOTES} notes`;
      // Segments may overlap: the same note seen twice is one note.
      if (note.type === type && note.name === `${name}\0`) found.set(note.at, note.descriptor);
    }
  }
  if (found.size > 1) return `it has ${found.size} notes of ${name}`;
  return [...found.values()][0] ?? null;
}

interface Note {
  readonly at: number;
  readonly name: string;
  readonly type: number;
  readonly descriptor: Buffer;
}

function* notesIn(bytes: Buffer, start: number, end: number, padding: 4 | 8): Generator<Note | string> {
  const padded = (length: number): number => Math.ceil(length / padding) * padding;
  let at = start;
  while (at + NOTE_HEAD <= end) {
    const nameSize = bytes.readUInt32LE(at);
    const size = bytes.readUInt32LE(at + 4);
    const from = start + padded(at + NOTE_HEAD + nameSize - start);
    if (at + NOTE_HEAD + nameSize > end || from + size > end) {
      yield `its note at ${at} says a name of ${nameSize} and ${size} bytes, beyond the end of its segment`;
      return;
    }
    const name = bytes.toString('latin1', at + NOTE_HEAD, at + NOTE_HEAD + Math.min(nameSize, 64));
    yield { at, name, type: bytes.readUInt32LE(at + 8), descriptor: bytes.subarray(from, from + size) };
    at = start + padded(from + size - start);
  }
}
