/** Thrown where a record says something that cannot be so. */
export class Unreadable extends Error {}

/** Reads numbers and names out of a span of bytes that may say anything: what is not there is {@link Unreadable}. */
export class Span {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  number(at: number): number {
    this.#have(at, 4);
    return this.#bytes.readUInt32LE(at);
  }

  latin1(at: number, length: number): string {
    this.#have(at, length);
    return this.#bytes.toString('latin1', at, at + length);
  }

  /** Text that a NUL ends within `room` bytes; printable ASCII, since it goes into messages and is compared. */
  name(at: number, room: number, what: string): string {
    const text = this.latin1(at, room);
    const end = text.indexOf('\0');
    if (end < 0) throw new Unreadable(`${what} has no end within its ${room} bytes`);
    const name = text.slice(0, end);
    if (!/^[\x20-\x7e]+$/.test(name))
      throw new Unreadable(name === '' ? `${what} is empty` : `${what} is not printable ASCII`);
    return name;
  }

  /** A span of `length` bytes in this one. */
  part(at: number, length: number): Span {
    this.#have(at, length);
    return new Span(this.#bytes.subarray(at, at + length));
  }

  #have(at: number, length: number): void {
    if (at + length > this.#bytes.length)
      throw new Unreadable(`it breaks off: ${length} bytes at ${at} are beyond its ${this.#bytes.length}`);
  }
}
