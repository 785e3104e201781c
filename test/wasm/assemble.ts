/**
 * Makes small modules for the tests: functions without parameters that return an i32, written as opcodes, over the
 * imports of `extism:host/env`. What no compiler would make, and what says in one line what it does.
 */
type Type = 'i32' | 'i64';

interface Import {
  readonly module?: string;
  readonly name: string;
  readonly parameters: readonly Type[];
  readonly results: readonly Type[];
}

interface Sketch {
  readonly imports?: readonly Import[];
  /** Bodies by export name; each leaves an i32. */
  readonly functions?: Readonly<Record<string, readonly number[]>>;
  /** Pages; a maximum where there is one. */
  readonly memory?: { readonly minimum: number; readonly maximum?: number };
  /** The function that runs at instantiation: one of `functions`, its result dropped. */
  readonly start?: readonly number[];
  /** Tables of externref, each empty at first. */
  readonly tables?: number;
  /** An import that is exported as well, under its own name. */
  readonly again?: string;
}

const CODES: Readonly<Record<Type, number>> = { i32: 0x7f, i64: 0x7e };
const ABI: Readonly<Record<string, readonly [readonly Type[], readonly Type[]]>> = {
  alloc: [['i64'], ['i64']],
  store_u8: [['i64', 'i32'], []],
  load_u8: [['i64'], ['i32']],
  length: [['i64'], ['i64']],
  input_offset: [[], ['i64']],
  input_length: [[], ['i64']],
  input_load_u8: [['i64'], ['i32']],
  output_set: [['i64', 'i64'], []],
  error_set: [['i64'], []],
  config_get: [['i64'], ['i64']],
  var_get: [['i64'], ['i64']],
  var_set: [['i64', 'i64'], []],
  log_info: [['i64'], []],
  log_debug: [['i64'], []],
  get_log_level: [[], ['i32']],
  http_request: [['i64', 'i64'], ['i64']],
  http_status_code: [[], ['i32']],
  http_headers: [[], ['i64']],
};
const NAMES = Object.keys(ABI);

/** Every import that `host` can call. */
export const HOST: readonly Import[] = NAMES.map((name) => {
  const [parameters, results] = ABI[name]!;
  return { name, parameters, results };
});

/** A call of a function of `HOST`; its arguments are on the stack. */
export function host(name: string): number[] {
  return [0x10, ...unsigned(NAMES.indexOf(name))];
}

export function i32(value: number): number[] {
  return [0x41, ...signed(BigInt(value))];
}

export function i64(value: bigint): number[] {
  return [0x42, ...signed(BigInt.asIntN(64, value))];
}

/** Each function has two i64 locals. */
export const set = (local: 0 | 1): number[] => [0x21, local];
export const get = (local: 0 | 1): number[] => [0x20, local];
export const add64 = [0x7c];
export const drop = [0x1a];
export const unreachable = [0x00];
/** A loop that never ends. */
export const forever = [0x03, 0x40, 0x0c, 0x00, 0x0b];
export const when = (condition: readonly number[], then: readonly number[]): number[] => [
  ...condition,
  0x04,
  0x40,
  ...then,
  0x0b,
];
/** Runs code for local 1 from 0 to `times` - 1. */
export const loop = (times: number, body: readonly number[]): number[] => [
  ...i64(0n),
  ...set(1),
  ...[0x03, 0x40],
  ...body,
  ...get(1),
  ...i64(1n),
  ...add64,
  ...set(1),
  ...get(1),
  ...i64(BigInt(times)),
  ...[0x54, 0x0d, 0x00, 0x0b],
];
/** Seven bits of a local, as an i32: the lowest are the first. */
export const septet = (local: 0 | 1, index: number): number[] => [
  ...get(local),
  ...i64(BigInt(7 * index)),
  ...[0x88, 0xa7],
  ...i32(0x7f),
  0x71,
];
/** Whether the two i32 on the stack are equal. */
export const equal32 = [0x46];
/** Grows table `index` by so many elements, and leaves what it answered. */
export const growTable = (index: number, by: number): number[] => [0xd0, 0x6f, ...i32(by), 0xfc, 0x0f, index];
export const growMemory = (pages: number): number[] => [...i32(pages), 0x40, 0x00];

/** Code that puts text into a new block; its handle is in the local. */
export function block(text: string, local: 0 | 1): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [
    ...i64(BigInt(bytes.length)),
    ...host('alloc'),
    ...set(local),
    ...bytes.flatMap((byte, at) => [...get(local), ...i64(BigInt(at)), ...add64, ...i32(byte), ...host('store_u8')]),
  ];
}

/** Code that answers with the whole block in the local. */
export function answer(local: 0 | 1): number[] {
  return [...get(local), ...get(local), ...host('length'), ...host('output_set')];
}

export function assemble({ imports = HOST, functions = {}, memory, start, tables = 0, again }: Sketch): Uint8Array {
  const bodies = [...Object.values(functions), ...(start === undefined ? [] : [[...start, ...i32(0)]])];
  const names = Object.keys(functions);
  const types = [{ parameters: [], results: ['i32'] }, { parameters: [], results: [] }, ...imports] as const;
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(
      1,
      types.map(({ parameters, results }) => [0x60, ...codes(parameters), ...codes(results)]),
    ),
    ...section(
      2,
      imports.map(({ module = 'extism:host/env', name }, index) => [
        ...text(module),
        ...text(name),
        0x00,
        ...unsigned(index + 2),
      ]),
    ),
    ...section(
      3,
      bodies.map((_, index) => [start !== undefined && index === names.length ? 1 : 0]),
    ),
    ...section(
      4,
      Array.from({ length: tables }, () => [0x6f, 0x00, 0x00]),
    ),
    ...section(5, memory === undefined ? [] : [limits(memory)]),
    ...section(7, [
      ...names.map((name, index) => [...text(name), 0x00, ...unsigned(imports.length + index)]),
      ...(memory === undefined ? [] : [[...text('memory'), 0x02, 0x00]]),
      ...(again === undefined
        ? []
        : [[...text(again), 0x00, ...unsigned(imports.findIndex(({ name }) => name === again))]]),
    ]),
    ...(start === undefined ? [] : [0x08, ...sized(unsigned(imports.length + names.length))]),
    ...section(
      10,
      bodies.map((code, index) => {
        const body = start !== undefined && index === names.length ? start : code;
        return sized([0x01, 0x02, 0x7e, ...body, 0x0b]);
      }),
    ),
  ]);
}

function limits({ minimum, maximum }: { readonly minimum: number; readonly maximum?: number }): number[] {
  return maximum === undefined ? [0x00, ...unsigned(minimum)] : [0x01, ...unsigned(minimum), ...unsigned(maximum)];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  return items.length === 0 ? [] : [id, ...sized([...unsigned(items.length), ...items.flat()])];
}

function codes(types: readonly Type[]): number[] {
  return [...unsigned(types.length), ...types.map((type) => CODES[type])];
}

function text(value: string): number[] {
  return sized([...new TextEncoder().encode(value)]);
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80);
  return [...bytes, value];
}

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (;;) {
    const byte = Number(value & 0x7fn);
    value >>= 7n;
    if ((value === 0n && byte < 64) || (value === -1n && byte >= 64)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}
