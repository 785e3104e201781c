import koffi from 'koffi';

/** Bounds of an integer type, inclusive. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

export interface IntegerType {
  readonly kind: 'integer';
  readonly written: string;
  readonly koffi: string;
  readonly bits: number;
  readonly range: Range;
  /** Whether it is plain `char`, whose pointers and arrays are text. */
  readonly isChar: boolean;
}

export interface PointerType {
  readonly kind: 'pointer';
  readonly written: string;
  readonly koffi: 'void *';
  readonly target: CType;
  /** Whether what it points to is const. */
  readonly isConst: boolean;
  /** Of how many there have to be, where it is declared as an array; null: it says nothing. */
  readonly count: number | null;
}

export interface StructType {
  readonly kind: 'struct';
  readonly written: string;
  readonly layout: StructLayout;
}

export interface ArrayType {
  readonly kind: 'array';
  readonly written: string;
  readonly of: ObjectType;
  readonly length: number;
}

/** Where the fields of a struct lie, as the C compiler of this system would put them. Sizes in bytes. */
export interface StructLayout {
  readonly name: string;
  readonly size: number;
  readonly alignment: number;
  readonly fields: readonly FieldLayout[];
}

export interface FieldLayout {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly type: ObjectType;
}

export type ScalarType =
  | { readonly kind: 'bool'; readonly written: string; readonly koffi: string }
  | { readonly kind: 'floating'; readonly written: string; readonly koffi: 'float' | 'double' }
  | IntegerType;

/** What can lie in memory. */
export type ObjectType = ScalarType | PointerType | StructType | ArrayType;

/** What can be passed and returned; `written` is how it was declared, `koffi` what koffi calls it. */
export type CallType =
  { readonly kind: 'void'; readonly written: string; readonly koffi: string } | ScalarType | PointerType;

export type CType = CallType | ObjectType | { readonly kind: 'opaque'; readonly written: string };

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
export function typeOfWords(words: readonly string[]): CallType | null {
  const written = words.join(' ');
  const [only = ''] = words.length === 1 ? words : [];
  if (only === 'void') return { kind: 'void', written, koffi: 'void' };
  if (only === 'bool' || only === '_Bool') return { kind: 'bool', written, koffi: 'bool' };
  if (only === 'float' || only === 'double') return { kind: 'floating', written, koffi: only };
  const bits = NAMED[only] ?? bitsOfWords(words);
  return bits === null ? null : integer(written, Math.abs(bits), bits < 0);
}

/** `isConst`: of what the innermost pointer points to. */
export function pointerTo(target: CType, isConst = false, count: number | null = null): PointerType {
  const written = `${isConst ? 'const ' : ''}${target.written}${target.kind === 'pointer' ? '' : ' '}*`;
  return { kind: 'pointer', written, koffi: 'void *', target, isConst, count };
}

/** What a pointer leads to, as one object: all elements of a declared array. Null for what has no size. */
export function objectAt({ target, count }: PointerType): ObjectType | null {
  if (target.kind === 'void' || target.kind === 'opaque') return null;
  if (count === null) return target;
  return { kind: 'array', written: `${target.written}[${count}]`, of: target, length: count };
}

/** Whether it points to text. */
export function isText(type: CType): type is PointerType & { readonly target: IntegerType } {
  return type.kind === 'pointer' && type.target.kind === 'integer' && type.target.isChar;
}

/** Whether it points to bytes; text is bytes too. */
export function isBytes(type: CType): type is PointerType {
  if (type.kind !== 'pointer') return false;
  const { target } = type;
  return target.kind === 'void' || (target.kind === 'integer' && target.bits === 8);
}

export function isScalar(type: CType): type is ScalarType {
  return type.kind === 'bool' || type.kind === 'floating' || type.kind === 'integer';
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

function integer(written: string, bits: number, signed: boolean): IntegerType {
  const span = 1n << BigInt(signed ? bits - 1 : bits);
  const range = { min: signed ? -span : 0n, max: span - 1n };
  return {
    kind: 'integer',
    written,
    koffi: `${signed ? '' : 'u'}int${bits}_t`,
    bits,
    range,
    isChar: written === 'char',
  };
}
