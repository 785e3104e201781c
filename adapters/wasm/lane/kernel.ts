import { KERNEL_FUNCTIONS, type KernelFunction } from '../host-abi.js';

const PAGE = 65_536;

/** What the kernel's own data and stack take: it does not link with less than it needs. */
const INITIAL_PAGES = 1;

/** The kernel counts its memory in 32 bits. */
const MOST_BYTES = 2 ** 32 - 1;

/** Words of the kernel's `state`, in the order of kernel.c. */
const OUTPUT_OFFSET = 0;
const OUTPUT_LENGTH = 1;
const ERROR_OFFSET = 2;
const ERROR_LENGTH = 3;
const TOP = 4;
const FAULT = 5;
const FAULT_OFFSET = 6;
const FAULT_LENGTH = 8;

const NAMES = Object.keys(KERNEL_FUNCTIONS) as KernelFunction[];

interface KernelExports {
  state(): number;
  begin(inputLength: number, bytes: number): number;
  end(): void;
  give(length: number): number;
  length_of(offset: bigint): number;
  consume(offset: bigint): void;
  abort(): never;
}

/** Why the kernel trapped; `none` when it did not. Offsets and lengths are the guest's, as it gave them. */
export interface KernelFault {
  readonly kind: 'none' | 'load' | 'store' | 'input' | 'output' | 'error' | 'memory';
  readonly offset: bigint;
  readonly length: bigint;
}

const FAULTS = ['none', 'load', 'store', 'input', 'output', 'error', 'memory'] as const;

/** One instance of the kernel, with the memory through which one plugin instance and its lane exchange bytes. */
export class Kernel {
  /** What a plugin imports, by name. */
  readonly functions: Readonly<Record<string, WebAssembly.ExportValue>>;
  readonly #exports: KernelExports;
  readonly #memory: WebAssembly.Memory;
  readonly #state: number;
  // Views of the memory as large as it is now: growing it detaches them.
  #bytes: Uint8Array;
  #words: Uint32Array;

  /** `limit` is the plugin's limit of memory, in bytes. */
  constructor(module: WebAssembly.Module, limit: number) {
    const maximum = Math.max(INITIAL_PAGES, Math.min(65_536, Math.floor(limit / PAGE)));
    this.#memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum });
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    // kernel.c is ours, and tested through this class.
    const all = exports as unknown as KernelExports & Readonly<Record<KernelFunction, WebAssembly.ExportValue>>;
    this.#exports = all;
    this.functions = Object.fromEntries(NAMES.map((name) => [name, all[name]]));
    this.#state = this.#exports.state() >> 2;
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#words = new Uint32Array(this.#memory.buffer);
  }

  /** Begins a call that may use so many bytes of this memory, and copies its input in. Traps when it does not fit. */
  begin(input: Uint8Array, length: number, bytes: number): void {
    const offset = this.#exports.begin(length, Math.min(MOST_BYTES, Math.max(0, bytes)));
    if (length === 0) return;
    const memory = this.bytes();
    // A view costs more than a few bytes copied one by one.
    if (length > 32) memory.set(input.length === length ? input : input.subarray(0, length), offset);
    else for (let at = 0; at < length; at++) memory[offset + at] = input[at] ?? 0;
  }

  /** Forgets the call's blocks and wipes them. */
  end(): void {
    this.#exports.end();
  }

  get outputOffset(): number {
    return this.#word(OUTPUT_OFFSET);
  }

  get outputLength(): number {
    return this.#word(OUTPUT_LENGTH);
  }

  /** Whether the guest has reported an error, if only an empty one. */
  get hasError(): boolean {
    return this.#word(ERROR_OFFSET) !== 0;
  }

  /** The error that the guest reported, as far as it is no longer than `most`. */
  error(most: number): Uint8Array {
    const offset = this.#word(ERROR_OFFSET);
    return this.bytes().subarray(offset, offset + Math.min(this.#word(ERROR_LENGTH), most));
  }

  /** Bytes of its memory that the present call uses. */
  get used(): number {
    return this.#word(TOP);
  }

  get fault(): KernelFault {
    return {
      kind: FAULTS[this.#word(FAULT)] ?? 'none',
      offset: this.#word64(FAULT_OFFSET),
      length: this.#word64(FAULT_LENGTH),
    };
  }

  /** The bytes of the block that a guest named by its handle; null for what is no block. */
  read(handle: bigint): Uint8Array | null {
    const length = this.#exports.length_of(handle);
    if (length === 0) return null;
    const offset = Number(handle);
    return this.bytes().subarray(offset, offset + length);
  }

  /** Frees a block that the guest handed over for good; the input is not the guest's to hand over. */
  consume(handle: bigint): void {
    this.#exports.consume(handle);
  }

  /** Puts bytes into a new block and answers its handle: 0 for none. Traps when memory is short. */
  write(bytes: Uint8Array): bigint {
    const offset = this.#exports.give(bytes.length);
    this.bytes().set(bytes, offset);
    return BigInt(offset);
  }

  /** Traps. Unlike a JavaScript exception this cannot be caught by the guest. */
  abort(): never {
    return this.#exports.abort();
  }

  /** All of its memory, as it stands: good until it grows. */
  bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#view();
    return this.#bytes;
  }

  #word(index: number): number {
    if (this.#words.length === 0) this.#view();
    return this.#words[this.#state + index] ?? 0;
  }

  #word64(index: number): bigint {
    return BigInt(this.#word(index)) | (BigInt(this.#word(index + 1)) << 32n);
  }

  #view(): void {
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#words = new Uint32Array(this.#memory.buffer);
  }
}
