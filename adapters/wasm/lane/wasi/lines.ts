/** Bytes of one line that are kept. */
const MOST_LINE = 4096;
const NEWLINE = 10;

const decoder = new TextDecoder();
const NOTHING = new Uint8Array(0);

/** What a guest writes to its output, taken apart into lines. */
export class Lines {
  readonly #pass: (line: string) => void;
  /** The bytes of a line that has not ended, in room for a whole one once there have been any. */
  #pending = NOTHING;
  #length = 0;

  constructor(pass: (line: string) => void) {
    this.#pass = pass;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline < 0 ? bytes.length : newline;
      this.#keep(bytes.subarray(at, end));
      if (newline >= 0) this.#end();
      at = end + 1;
    }
  }

  /** Passes on what has no end of its line yet. */
  flush(): void {
    if (this.#length > 0) this.#end();
  }

  #keep(bytes: Uint8Array): void {
    if (this.#pending === NOTHING) this.#pending = new Uint8Array(MOST_LINE);
    const kept = bytes.subarray(0, MOST_LINE - this.#length);
    this.#pending.set(kept, this.#length);
    this.#length += kept.length;
  }

  #end(): void {
    this.#pass(decoder.decode(this.#pending.subarray(0, this.#length)));
    this.#length = 0;
  }
}
