import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Artefact } from '../../../src/domain/artefact.js';
import { Refused } from '../../../src/domain/backend.js';
import { limitModule } from './limit-module.js';
import { interfaceOf, type ModuleInterface } from './module-interface.js';
import { NotWasm } from './wasm-binary.js';

/** All of a file's bytes, by its path. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

/** A file that is to become a module, and where the manifest names it. */
export interface Source {
  /** The name that other modules import from it under. */
  readonly name: string;
  readonly pointer: string;
  readonly artefact: Artefact;
}

/** The bytes that were hashed, not yet compiled. */
export interface HashedModule extends Source {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Bytes of memory that it starts with. */
  readonly minimum: number;
}

/** A module that could be run, with what it asks for and offers. */
export interface ReadModule extends Source {
  readonly file: string;
  readonly module: WebAssembly.Module;
  readonly interface: ModuleInterface;
}

/** Reads a module and looks at its memory. Rejects with Refused. */
export async function readHashed(source: Source, read: ReadFile): Promise<HashedModule> {
  const { pointer, artefact } = source;
  const file = basename(artefact.path);
  const bytes = await readBytes(source, read);
  const { minimum } = inTermsOf(file, pointer, () => limitModule(bytes, Number.POSITIVE_INFINITY));
  return { ...source, file, bytes, minimum };
}

/** The very bytes that were hashed. Rejects with Refused. */
export async function readBytes({ pointer, artefact }: Source, read: ReadFile): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await read(artefact.path);
  } catch (cause) {
    throw refused(pointer, `cannot read ${artefact.path}: ${(cause as Error).message}`, cause);
  }
  if (createHash('sha256').update(bytes).digest('hex') !== artefact.sha256)
    throw refused(pointer, `${basename(artefact.path)} has changed since it was hashed`);
  return bytes;
}

/** Compiles a module that may have so many bytes of memory: what runs is what was hashed, within its limits. */
export async function compileWithin(hashed: HashedModule, memory: number): Promise<ReadModule> {
  const { name, pointer, artefact, file } = hashed;
  const { bytes } = inTermsOf(file, pointer, () => limitModule(hashed.bytes, memory));
  const module = await compile(file, pointer, bytes);
  return { name, pointer, artefact, file, module, interface: interfaceOf(bytes) };
}

async function compile(file: string, pointer: string, bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw refused(pointer, `${file} does not compile: ${(cause as Error).message}`, cause);
  }
}

function inTermsOf<Result>(file: string, pointer: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof NotWasm)) throw cause;
    throw refused(pointer, `${file} ${cause.message}`, cause);
  }
}

function refused(pointer: string, message: string, cause?: unknown): Refused {
  return new Refused([{ pointer, message }], { cause });
}
