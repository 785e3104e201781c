import { type CallType, type CType, isTypeWord, objectAt, type ObjectType, pointerTo, typeOfWords } from './c-type.js';
import { sizeOf } from './layout.js';

export interface CPrototype {
  readonly result: CallType;
  readonly parameters: readonly CallType[];
}

/** The types that a declaration may name besides C's own; undefined for a name that is none. */
export type KnownTypes = (name: string) => CType | undefined;

/** Said where a declaration cannot be understood. */
class NotUnderstood extends Error {}

const QUALIFIERS: ReadonlySet<string> = new Set([
  'const',
  'volatile',
  'extern',
  'restrict',
  '__restrict',
  '__restrict__',
]);
const TAGS: ReadonlySet<string> = new Set(['struct', 'union', 'enum']);
const WORD = /^[A-Za-z_]\w*$/;
/** Most bytes of an array that is a parameter: it may live in memory of its own. */
const LARGEST_ARRAY = 16 * 1024 * 1024;
const NONE: KnownTypes = () => undefined;

/**
 * Parses one C function declaration, or says in a sentence why it is not understood. koffi has a parser too, but it
 * aborts the process at some unknown types, and a manifest's slip must not look like a crash.
 */
export function parsePrototype(source: string, known: KnownTypes = NONE): CPrototype | string {
  return orWhyNot(() => {
    const tokens = new Tokens(source, known);
    const result = callType(tokens.type());
    if (!WORD.test(tokens.peek())) throw new NotUnderstood(`expected the function's name, found ${tokens.peek()}`);
    tokens.advance();
    tokens.expect('(');
    const parameters: CallType[] = [];
    if (!tokens.take(')')) {
      do parameters.push(parameter(tokens));
      while (tokens.take(','));
      tokens.expect(')');
    }
    tokens.take(';');
    tokens.end();
    const [first] = parameters;
    const none = parameters.length === 1 && first?.kind === 'void';
    if (!none && parameters.some((each) => each.kind === 'void')) throw new NotUnderstood('a parameter cannot be void');
    return { result, parameters: none ? [] : parameters };
  });
}

/** Parses what a field of a struct is, such as `const char *` or `double[3][3]`; or says why it is not understood. */
export function parseFieldType(source: string, known: KnownTypes): ObjectType | string {
  return orWhyNot(() => {
    const tokens = new Tokens(source, known);
    const base = tokens.type();
    const lengths: number[] = [];
    while (tokens.take('[')) lengths.push(tokens.length());
    tokens.end();
    if (base.kind === 'void' || base.kind === 'opaque')
      throw new NotUnderstood(`${base.written} has no size: only pointers to it can be fields`);
    return lengths.reduceRight<ObjectType>(
      (of, length) => ({ kind: 'array', written: `${base.written}[${lengths.join('][')}]`, of, length }),
      base,
    );
  });
}

/** Parses what a type is another name for; or says why it is not understood. */
export function parseAlias(source: string, known: KnownTypes): CType | string {
  return orWhyNot(() => {
    const tokens = new Tokens(source, known);
    const type = tokens.type();
    tokens.end();
    return type;
  });
}

function parameter(tokens: Tokens): CallType {
  if (tokens.peek() === '...') throw new NotUnderstood('a variable number of arguments is not supported');
  const { type: declared, isConst } = tokens.qualified();
  if (WORD.test(tokens.peek())) tokens.advance();
  if (tokens.peek() === '(') throw new NotUnderstood('pointers to functions are not supported');
  if (!tokens.take('[')) return callType(declared);
  const count = tokens.take(']') ? null : tokens.length();
  if (tokens.peek() === '[') throw new NotUnderstood('arrays of arrays are not supported as parameters');
  const pointer = pointerTo(declared, isConst, count);
  const object = objectAt(pointer);
  const size = object === null ? 0 : sizeOf(object);
  if (size > LARGEST_ARRAY) throw new NotUnderstood(`an array of ${size} bytes is larger than ${LARGEST_ARRAY}`);
  return pointer;
}

function callType(type: CType): CallType {
  switch (type.kind) {
    case 'void':
    case 'bool':
    case 'floating':
    case 'integer':
    case 'pointer':
      return type;
    case 'struct':
    case 'opaque':
    case 'array':
      throw new NotUnderstood(`${type.written} by value is not supported, only pointers to it`);
    default:
      return type satisfies never;
  }
}

function orWhyNot<Parsed>(parse: () => Parsed): Parsed | string {
  try {
    return parse();
  } catch (error) {
    if (error instanceof NotUnderstood) return error.message;
    throw error;
  }
}

class Tokens {
  readonly #tokens: readonly string[];
  readonly #known: KnownTypes;
  #at = 0;

  constructor(source: string, known: KnownTypes) {
    this.#tokens = source.match(/[A-Za-z_]\w*|\d+|\.\.\.|\S/g) ?? [];
    this.#known = known;
  }

  peek(): string {
    return this.#tokens[this.#at] ?? 'its end';
  }

  advance(): void {
    this.#at += 1;
  }

  take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  expect(token: string): void {
    if (!this.take(token)) throw new NotUnderstood(`expected ${token}, found ${this.peek()}`);
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw new NotUnderstood(`something follows it: ${this.peek()}`);
  }

  /** Of an array, with the bracket behind it. */
  length(): number {
    const length = /^\d{1,6}$/.test(this.peek()) ? Number(this.peek()) : 0;
    if (length === 0) throw new NotUnderstood(`expected the number of elements, found ${this.peek()}`);
    this.advance();
    this.expect(']');
    return length;
  }

  type(): CType {
    return this.qualified().type;
  }

  /** A type with its pointers; `isConst` says whether it is const itself. */
  qualified(): { type: CType; isConst: boolean } {
    let isConst = false;
    const qualifiers = (): void => {
      while (QUALIFIERS.has(this.peek())) {
        if (this.peek() === 'const') isConst = true;
        this.advance();
      }
    };
    qualifiers();
    let type = this.#base(qualifiers);
    qualifiers();
    while (this.take('*')) {
      type = pointerTo(type, isConst);
      isConst = false;
      qualifiers();
    }
    return { type, isConst };
  }

  #base(qualifiers: () => void): CType {
    if (TAGS.has(this.peek())) return this.#tagged();
    if (!isTypeWord(this.peek())) return this.#declared(this.peek());
    const words: string[] = [];
    while (isTypeWord(this.peek())) {
      words.push(this.peek());
      this.advance();
      qualifiers();
    }
    const type = typeOfWords(words);
    if (type === null) throw new NotUnderstood(`${words.join(' ')} is not a type`);
    return type;
  }

  #tagged(): CType {
    const tag = this.peek();
    this.advance();
    const name = this.peek();
    const type = this.#known(name);
    if (type === undefined) throw new NotUnderstood(`${tag} ${name} is not a type that is known here`);
    const fits =
      type.kind === 'opaque' || (tag === 'struct' ? type.kind === 'struct' : tag === 'enum' && type.kind === 'integer');
    if (!fits) throw new NotUnderstood(`${name} is declared as ${type.written}, not as ${tag}`);
    this.advance();
    return type;
  }

  #declared(name: string): CType {
    const type = this.#known(name);
    if (type === undefined) throw new NotUnderstood(`${name} is not a type that is known here`);
    this.advance();
    return type;
  }
}
