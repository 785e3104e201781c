const MAGIC = [0x00, 0x61, 0x73, 0x6d] as const;
const SECTIONS_AT = 8;

/** Type codes that a heap type follows. */
const NULLABLE_REFERENCE = 0x63;
const REFERENCE = 0x64;

/** Bytes that are not a module, or one that cannot be kept within limits; the text continues a file's name. */
export class NotWasm extends Error {
  override readonly name = 'NotWasm';
}

/** A section of a module, as places in its bytes. */
export interface Section {
  readonly id: number;
  /** Where its id stands. */
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** The sections of a module in their order. Throws {@link NotWasm}; what is in them is not looked at. */
export function sectionsOf(module: Uint8Array): Section[] {
  if (module.length < SECTIONS_AT || !MAGIC.every((byte, at) => module[at] === byte))
    throw new NotWasm('is not a WebAssembly module: it does not begin with "\\0asm"');
  const sections: Section[] = [];
  for (let start = SECTIONS_AT; start < module.length;) {
    const reader = new Reader(module, start);
    const id = reader.byte();
    const size = reader.number();
    const end = reader.at + size;
    if (end > module.length) throw new NotWasm('is not a whole WebAssembly module: a section runs past its end');
    sections.push({ id, start, content: reader.at, end });
    start = end;
  }
  return sections;
}

/** Reads on in a module's bytes; throws {@link NotWasm} at their end. */
export class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    return byte ?? this.fail('it ends too soon');
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  number(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new NotWasm('is not a WebAssembly module: a number in it is too long');
  }

  /** A name: UTF-8 after its length. */
  name(): string {
    const length = this.number();
    const start = this.at;
    this.at += length;
    if (this.at > this.#bytes.length) this.fail('it ends too soon');
    return decoder.decode(this.#bytes.subarray(start, this.at));
  }

  fail(why: string): never {
    throw new NotWasm(`is not a whole WebAssembly module: ${why}`);
  }

  /** A value type or reference type, as the bytes that it takes. */
  type(): Uint8Array {
    const start = this.at;
    const code = this.byte();
    if (code === NULLABLE_REFERENCE || code === REFERENCE) this.number();
    return this.#bytes.subarray(start, this.at);
  }
}

const decoder = new TextDecoder();

/** A number as unsigned LEB128. */
export function numberBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}

export function joined(parts: readonly ArrayLike<number>[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
