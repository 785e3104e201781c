import { type CType, isTypeWord, pointerTo, typeOfWords } from './c-type.js';

export interface CPrototype {
  readonly result: CType;
  readonly parameters: readonly CType[];
}

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
const WORD = /^[A-Za-z_]\w*$/;

/**
 * Parses one C function declaration, or says in a sentence why it is not understood. koffi has a parser too, but it
 * aborts the process at some unknown types, and a manifest's slip must not look like a crash.
 */
export function parsePrototype(source: string): CPrototype | string {
  const tokens = source.match(/[A-Za-z_]\w*|\d+|\.\.\.|\S/g) ?? [];
  let at = 0;

  const peek = (): string => tokens[at] ?? 'its end';
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };
  const expect = (token: string): void => {
    if (!take(token)) throw new NotUnderstood(`expected ${token}, found ${peek()}`);
  };

  const type = (): CType => {
    const words: string[] = [];
    for (; QUALIFIERS.has(peek()) || isTypeWord(peek()); at++) if (isTypeWord(peek())) words.push(peek());
    if (words.length === 0) throw new NotUnderstood(`${peek()} is not a type that is known here`);
    const base = typeOfWords(words);
    if (base === null) throw new NotUnderstood(`${words.join(' ')} is not a type`);
    let stars = 0;
    for (; peek() === '*' || QUALIFIERS.has(peek()); at++) if (peek() === '*') stars += 1;
    return stars === 0 ? base : pointerTo(base, stars);
  };

  const parameter = (): CType => {
    if (peek() === '...') throw new NotUnderstood('a variable number of arguments is not supported');
    const declared = type();
    if (WORD.test(peek())) at += 1;
    if (peek() === '(') throw new NotUnderstood('pointers to functions are not supported');
    if (!take('[')) return declared;
    if (/^\d+$/.test(peek())) at += 1;
    expect(']');
    return pointerTo(declared, 1);
  };

  try {
    const result = type();
    if (!WORD.test(peek())) throw new NotUnderstood(`expected the function's name, found ${peek()}`);
    at += 1;
    expect('(');
    const parameters: CType[] = [];
    if (!take(')')) {
      do parameters.push(parameter());
      while (take(','));
      expect(')');
    }
    take(';');
    if (at < tokens.length) throw new NotUnderstood(`something follows it: ${peek()}`);
    const [first] = parameters;
    const none = parameters.length === 1 && first?.kind === 'void';
    if (!none && parameters.some((each) => each.kind === 'void')) throw new NotUnderstood('a parameter cannot be void');
    return { result, parameters: none ? [] : parameters };
  } catch (error) {
    if (error instanceof NotUnderstood) return error.message;
    throw error;
  }
}
