import { type Json, type JsonNumber, writtenNumber } from './json.js';

/** What is nested deeper is no document here: whatever goes through one calls itself. */
const DEEPEST = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** What a text says, its numbers with their spelling; undefined where it is no JSON or nested over 500 deep. */
export function parseJson(text: string): Json | undefined {
  try {
    return new Reader(text).document();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Node 20's own parser does not tell how a number was written. */
class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    const value = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) throw new SyntaxError('more than a document');
    return value;
  }

  #value(): Json {
    this.#skip();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#list();
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(): Json {
    const members: Record<string, Json> = {};
    this.#each('}', () => {
      this.#skip();
      const name = this.#string();
      this.#skip();
      if (this.#text[this.#at++] !== ':') throw new SyntaxError('a colon is missing');
      const value = this.#value();
      // Else it would be no member.
      if (name === '__proto__') Object.defineProperty(members, name, { value, enumerable: true, configurable: true });
      else members[name] = value;
    });
    return members;
  }

  #list(): Json {
    const items: Json[] = [];
    this.#each(']', () => items.push(this.#value()));
    return items;
  }

  #each(end: string, read: () => void): void {
    if (++this.#depth > DEEPEST) throw new SyntaxError('nested too deeply');
    this.#at += 1;
    this.#skip();
    if (this.#text[this.#at] === end) this.#at += 1;
    else
      for (;;) {
        read();
        this.#skip();
        const next = this.#text[this.#at++];
        if (next === end) break;
        if (next !== ',') throw new SyntaxError('a comma is missing');
      }
    this.#depth -= 1;
  }

  #string(): string {
    const text = this.#text;
    const from = this.#at;
    if (text.charCodeAt(from) !== QUOTE) throw new SyntaxError('a text is missing');
    let isPlain = true;
    let at = from + 1;
    for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(at)) {
      if (!(code >= FIRST_PRINTABLE)) throw new SyntaxError('a text does not end');
      isPlain &&= code !== BACKSLASH;
      at += code === BACKSLASH ? 2 : 1;
    }
    this.#at = at + 1;
    // It makes nothing else of a text.
    return isPlain ? text.slice(from + 1, at) : (JSON.parse(text.slice(from, at + 1)) as string);
  }

  #number(): JsonNumber {
    NUMBER.lastIndex = this.#at;
    const [found] = NUMBER.exec(this.#text) ?? [];
    if (found === undefined) throw new SyntaxError('no value');
    this.#at += found.length;
    return writtenNumber(found);
  }

  #word<T extends Json>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw new SyntaxError('no value');
    this.#at += word.length;
    return value;
  }

  #skip(): void {
    for (let code = this.#text.charCodeAt(this.#at); code === 32 || code === 10 || code === 13 || code === 9;)
      code = this.#text.charCodeAt(++this.#at);
  }
}
