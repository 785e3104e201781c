import { exposeMemory } from './expose-memory.js';
import { joined, NotWasm, numberBytes, Reader, sectionsOf } from './wasm-binary.js';

const PAGE = 65_536;
const TYPES = 1;
const TABLES = 4;
const MEMORIES = 5;

const FUNCTION_TYPE = 0x60;
const HAS_MAXIMUM = 0x01;
const SHARED = 0x02;
const WIDE = 0x04;

/**
 * Elements that all tables of a module may have. They lie in the JavaScript heap of the lane, 8 bytes each: allocations
 * of no more than this end the lane when its heap is full, larger ones would end the whole process.
 */
const TABLE_ELEMENTS = 1_000_000;

export interface Limited {
  /** The module within its limits: a copy. */
  apply(): Uint8Array;
  /** Bytes of memory that the module starts with. */
  readonly minimum: number;
}

/**
 * The same module, its memory exported, with maxima of its memory (`limit` bytes) and its tables, which the engine then enforces. Throws
 * {@link NotWasm} for what cannot be limited; what else is wrong with a module, its compilation tells.
 */
export function limitModule(module: Uint8Array, limit: number): Limited {
  const parts: ArrayLike<number>[] = [];
  let copied = 0;
  let minimum = 0;
  for (const { id, start, content, end } of sectionsOf(module)) {
    const reader = new Reader(module, content);
    let replaced: readonly number[] | null = null;
    if (id === TYPES) refuseHeapTypes(reader);
    else if (id === TABLES) replaced = limitTables(reader);
    else if (id === MEMORIES) ({ content: replaced, minimum } = limitMemories(reader, limit));
    if (replaced === null) continue;
    parts.push(module.subarray(copied, start), [id], numberBytes(replaced.length), replaced);
    copied = end;
  }
  return { apply: () => exposeMemory(joined([...parts, module.subarray(copied)])), minimum };
}

/** Structs and arrays of the garbage collector have no maximum that could be set. */
function refuseHeapTypes(reader: Reader): void {
  for (let left = reader.number(); left > 0; left--) {
    if (reader.byte() !== FUNCTION_TYPE)
      throw new NotWasm('has garbage-collected types, which no memory limit holds for: not supported');
    skipTypes(reader); // of the parameters
    skipTypes(reader); // of the results
  }
}

function skipTypes(reader: Reader): void {
  for (let left = reader.number(); left > 0; left--) reader.type();
}

function limitTables(reader: Reader): number[] {
  const count = reader.number();
  const most = Math.floor(TABLE_ELEMENTS / Math.max(1, count));
  const content = numberBytes(count);
  for (let left = count; left > 0; left--) {
    const type = reader.type();
    // Such a table is written as 0x40 in place of a type.
    if (type[0] === 0x40) throw new NotWasm('has a table with an initial value, which is not supported');
    const { bytes, minimum } = limitOne(reader, most, 'table');
    if (minimum > most) throw new NotWasm(`has tables of more than ${TABLE_ELEMENTS} elements`);
    content.push(...type, ...bytes);
  }
  return content;
}

function limitMemories(reader: Reader, limit: number): { readonly content: number[]; readonly minimum: number } {
  const most = Math.min(65_536, Math.floor(limit / PAGE));
  const count = reader.number();
  const content = numberBytes(count);
  let pages = 0;
  for (let left = count; left > 0; left--) {
    const { bytes, minimum } = limitOne(reader, most, 'memory');
    pages += minimum;
    content.push(...bytes);
  }
  // One memory is what the engines of today know; with more, the limit would have to be shared out.
  if (count > 1) throw new NotWasm('has several memories, which is not supported');
  return { content, minimum: pages * PAGE };
}

/** Limits of one table or memory, with a maximum of at most `most`. */
function limitOne(reader: Reader, most: number, what: string): { readonly bytes: number[]; readonly minimum: number } {
  const flags = reader.byte();
  if ((flags & WIDE) !== 0) throw new NotWasm(`has a ${what} with 64-bit addresses, which is not supported`);
  const minimum = reader.number();
  const declared = (flags & HAS_MAXIMUM) === 0 ? most : reader.number();
  // Below its minimum a module would not compile; whoever starts over the limit is refused anyhow.
  const maximum = Math.max(minimum, Math.min(most, declared));
  return { bytes: [HAS_MAXIMUM | (flags & SHARED), ...numberBytes(minimum), ...numberBytes(maximum)], minimum };
}
