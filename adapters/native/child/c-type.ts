import koffi from 'koffi';

/** Bounds of an integer type, inclusive. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

/** A C type as far as a call needs to know it; `written` is how it was declared, `koffi` what koffi calls it. */
export type CType =
  | { readonly kind: 'void'; readonly written: string; readonly koffi: string }
  | { readonly kind: 'bool'; readonly written: string; readonly koffi: string }
  | { readonly kind: 'floating'; readonly written: string; readonly koffi: string }
  | {
      readonly kind: 'integer';
      readonly written: string;
      readonly koffi: string;
      readonly bits: number;
      readonly range: Range;
    }
  | {
      readonly kind: 'pointer';
      readonly written: string;
      readonly koffi: string;
      readonly to: 'char' | 'bytes' | 'other';
    };

const long = koffi.sizeof('long') * 8;
const pointer = koffi.sizeof('void *') * 8;

/** Bits of the types that have one word; negative for signed ones. */
const NAMED: Readonly<Record<string, number>> = {
  int8_t: -8,
  int16_t: -16,
  int32_t: -32,
  int64_t: -64,
  uint8_t: 8,
  uint16_t: 16,
  uint32_t: 32,
  uint64_t: 64,
  size_t: pointer,
  ssize_t: -pointer,
  intptr_t: -pointer,
  uintptr_t: pointer,
  ptrdiff_t: -pointer,
  off_t: -long,
  time_t: -long,
};

const WORDS: ReadonlySet<string> = new Set([
  ...Object.keys(NAMED),
  ...['void', 'bool', '_Bool', 'float', 'double', 'char', 'short', 'int', 'long', 'signed', 'unsigned'],
]);

export function isTypeWord(word: string): boolean {
  return WORDS.has(word);
}

/** The type that these words make in any order (`long unsigned int`), without pointers; null when they make none. */
export function typeOfWords(words: readonly string[]): CType | null {
  const written = words.join(' ');
  const [only = ''] = words.length === 1 ? words : [];
  if (only === 'void') return { kind: 'void', written, koffi: 'void' };
  if (only === 'bool' || only === '_Bool') return { kind: 'bool', written, koffi: 'bool' };
  if (only === 'float' || only === 'double') return { kind: 'floating', written, koffi: only };
  const bits = NAMED[only] ?? bitsOfWords(words);
  return bits === null ? null : integer(written, Math.abs(bits), bits < 0);
}

export function pointerTo(type: CType, stars: number): CType {
  const to =
    stars > 1 ? 'other' : type.kind === 'void' || (type.kind === 'integer' && type.bits === 8) ? 'bytes' : 'other';
  const written = `${type.written} ${'*'.repeat(stars)}`;
  return { kind: 'pointer', written, koffi: 'void *', to: stars === 1 && type.written === 'char' ? 'char' : to };
}

/** `unsigned long int` and its kin: at most one sign, one width, and `int` where it may stand. */
function bitsOfWords(words: readonly string[]): number | null {
  const count = (word: string): number => words.filter((each) => each === word).length;
  const longs = count('long');
  const known = longs + count('short') + count('char') + count('int') + count('signed') + count('unsigned');
  const widths = Math.min(longs, 1) + count('short') + count('char');
  const contradicts = count('signed') + count('unsigned') > 1 || widths > 1 || longs > 2 || count('int') > 1;
  const charInt = count('char') === 1 && count('int') === 1;
  if (words.length === 0 || known !== words.length || contradicts || charInt) return null;
  const bits = count('char') === 1 ? 8 : count('short') === 1 ? 16 : longs === 2 ? 64 : longs === 1 ? long : 32;
  return count('unsigned') === 1 ? bits : -bits;
}

function integer(written: string, bits: number, signed: boolean): CType {
  const span = 1n << BigInt(signed ? bits - 1 : bits);
  const range = { min: signed ? -span : 0n, max: span - 1n };
  return { kind: 'integer', written, koffi: `${signed ? '' : 'u'}int${bits}_t`, bits, range };
}
