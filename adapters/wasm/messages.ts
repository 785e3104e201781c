import type { HostAnswer, HostRequest } from './host-call.js';
import type { BudgetBuffers } from './memory-budget.js';

/** A module within its limits, compiled once and shared; `file` is the name of its file. */
export interface CompiledModule {
  readonly file: string;
  readonly module: WebAssembly.Module;
  /** What it imports from the modules beside it; the gateway serves the rest. */
  readonly linked: readonly LinkedImport[];
  /** Whether that includes WASI. */
  readonly wasi: boolean;
}

export interface LinkedImport {
  readonly from: string;
  readonly name: string;
}

/** A directory that a plugin may use. */
export interface Grant {
  /** Where the guest finds it. */
  readonly guest: string;
  /** Absolute, without symlinks. */
  readonly host: string;
  readonly writable: boolean;
}

/** A backend as the lanes need it. */
export interface LaneModule {
  readonly id: number;
  readonly plugin: string;
  readonly module: CompiledModule;
  /** Further modules, by the name that they are imported under. */
  readonly linked: ReadonlyMap<string, CompiledModule>;
  /** Whether code of theirs runs when an instance is made. */
  readonly startsWithCode: boolean;
  /** `fresh`: a new instance for each call. */
  readonly instance: 'reuse' | 'fresh';
  /** Export names, by the function's index. */
  readonly functions: readonly string[];
  readonly config: ReadonlyMap<string, string>;
  /** What it finds by WASI. */
  readonly grants: readonly Grant[];
  /** Bytes that guest and kernel may use together. */
  readonly memory: number;
  /** Bytes. */
  readonly outputLimit: number;
}

/** Shared memory for inputs and outputs that do not fit into a slot. */
export interface Body {
  readonly id: number;
  readonly buffer: SharedArrayBuffer;
}

/** What a lane gets when it starts. */
export interface LaneStart {
  readonly lane: number;
  readonly slots: SharedArrayBuffer;
  readonly slotCount: number;
  /** The words that only this lane and the gateway share. */
  readonly own: SharedArrayBuffer;
  /** Adding this to the gateway's clock gives the raw monotonic clock. Milliseconds. */
  readonly clockOffset: number;
  readonly kernel: WebAssembly.Module;
  readonly modules: readonly LaneModule[];
  readonly bodies: readonly Body[];
  readonly budget: BudgetBuffers;
  /** Where the lane notes which call it begins; null: nobody needs to know it after this process. */
  readonly note: number | null;
}

export type ToLane =
  | { readonly type: 'open'; readonly module: LaneModule }
  | { readonly type: 'close'; readonly id: number }
  | { readonly type: 'body'; readonly body: Body }
  | { readonly type: 'forget-body'; readonly id: number }
  /** To the one request of the lane that has none yet. */
  | { readonly type: 'answer'; readonly answer: HostAnswer };

/** A number says only that there are results in the slots. */
export type FromLane =
  | number
  | { readonly type: 'output'; readonly slot: number; readonly output: Uint8Array<ArrayBuffer> }
  | { readonly type: 'log'; readonly backend: number; readonly line: string }
  /** The call in that slot asks for something, and its lane sleeps until it has its answer. */
  | { readonly type: 'ask'; readonly slot: number; readonly request: HostRequest };

/** What has to be added to `performance.now()` of this thread to get the raw monotonic clock. Milliseconds. */
export function clockOffset(): number {
  let offset = Number.NEGATIVE_INFINITY;
  // Whatever comes between the two readings (the first `performance.now()` of a thread takes milliseconds) makes the
  // difference too small: the largest is the nearest.
  for (let reading = 0; reading < 5; reading++)
    offset = Math.max(offset, Number(process.hrtime.bigint()) / 1e6 - performance.now());
  return offset;
}
