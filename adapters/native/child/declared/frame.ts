import type { Arena } from './arena.js';
import type { CallType } from './c-type.js';
import type { Incoming } from '../channel/inbox.js';
import { NULL, type Pointer } from '../pointer.js';
import type { Scalar } from './scalar.js';

/** What is handed to C, and comes back. */
export type Value = Scalar | Pointer | null;

/** What the arguments of one call are made from. One frame serves all calls of a function, one after the other. */
export interface Frame {
  call: Incoming;
  json: unknown;
  /** Of the output, in bytes; 0 without one. */
  capacity: number;
}

/** Where an argument's value comes from in each call, and what it holds after it. */
export interface Argument {
  readonly needsJson?: true;
  /** Throws {@link BadRequest}. */
  of(frame: Frame): Value;
  /** The output: where it lies after the call. */
  readonly output?: Output;
  /** After the call: the output's length, as the function says it. */
  readonly length?: () => number;
  /** After the call: a part of a JSON reply. Throws {@link BadOutput}. */
  readonly part?: { readonly pointer: string; read(): unknown };
  /** After `init`: the handle. */
  readonly handle?: () => Pointer;
}

export interface Output {
  readonly isText: boolean;
  /** Whether it is the body, changed where it lies. */
  readonly isInPlace: boolean;
  /** NULL where the function has allocated nothing. */
  address(): Pointer;
  /** Of memory that the function has allocated; null when the memory is ours. */
  readonly free: ((memory: Pointer) => void) | null;
}

/** What the arguments of one library's functions share. */
export interface Shared {
  readonly arena: Arena;
  readonly limit: number;
  /** The library's `config` as a C string of JSON. */
  readonly config: Pointer;
  readonly handle: Handle;
  /** A function of the library, or of the C library, that frees memory; what is wrong when there is none. */
  findFree(symbol: string): ((memory: Pointer) => void) | string;
}

/** What `init` makes. `type` is null when the manifest declares nothing that makes it. */
export interface Handle {
  type: CallType | null;
  value: Value;
}

/** For the calls that the gateway makes itself. */
export const NO_CALL: Incoming = { sequence: 0, function: 0, deadline: 0, body: NULL, length: 0 };
