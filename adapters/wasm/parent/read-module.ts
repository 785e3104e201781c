import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Artefact } from '../../../src/domain/artefact.js';
import { Refused } from '../../../src/domain/backend.js';
import { type Limited, limitModule } from './limit-module.js';
import { interfaceOf, type ModuleInterface } from './module-interface.js';
import type { OpenFile, OpenFileAt } from './open-file.js';
import { NotWasm } from './wasm-binary.js';

/** A file that is to become a module, and where the manifest names it. */
export interface Source {
  /** The name that other modules import from it under. */
  readonly name: string;
  readonly pointer: string;
  readonly artefact: Artefact;
}

/** With its file open, so that the same one can be read later, too, whatever has its name by then. */
export interface OpenModule extends Source {
  readonly opened: OpenFile;
}

/** The bytes that were hashed, without limits. */
export interface HashedModule extends Source {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Bytes of memory that it starts with. */
  readonly minimum: number;
  /** What it asks for and offers. */
  readonly interface: ModuleInterface;
}

/** A module that can be kept within its limits; not yet compiled. */
export interface LimitedModule extends HashedModule {
  readonly limited: Limited;
}

/** Rejects with Refused. */
export async function openModule(source: Source, openFile: OpenFileAt): Promise<OpenModule> {
  const { pointer, artefact } = source;
  try {
    return { ...source, opened: await openFile(artefact.path) };
  } catch (cause) {
    throw unreadable(pointer, artefact, cause);
  }
}

/** The very bytes that were hashed. Rejects with Refused. */
export async function readBytes({ pointer, artefact, opened }: OpenModule): Promise<Uint8Array> {
  const bytes = await opened.read().catch((cause: unknown) => {
    throw unreadable(pointer, artefact, cause);
  });
  if (createHash('sha256').update(bytes).digest('hex') === artefact.sha256) return bytes;
  throw refused(pointer, `${basename(artefact.path)} has changed since it was hashed`);
}

/** Reads a module and looks at its memory. Rejects with Refused. */
export async function readHashed(module: OpenModule): Promise<HashedModule> {
  const { name, pointer, artefact } = module;
  const file = basename(artefact.path);
  const bytes = await readBytes(module);
  return inTermsOf(file, pointer, () => {
    const { minimum } = limitModule(bytes, Number.POSITIVE_INFINITY);
    return { name, pointer, artefact, file, bytes, minimum, interface: interfaceOf(bytes) };
  });
}

/** The same module, with so many bytes of memory at most. Throws Refused. */
export function limitedTo(hashed: HashedModule, memory: number): LimitedModule {
  const { file, pointer, bytes } = hashed;
  return { ...hashed, limited: inTermsOf(file, pointer, () => limitModule(bytes, memory)) };
}

/** What runs is what was hashed, within its limits. Rejects with Refused. */
export async function compile({ file, pointer, limited }: LimitedModule): Promise<WebAssembly.Module> {
  const bytes = inTermsOf(file, pointer, () => limited.apply());
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw refused(pointer, `${file} does not compile: ${(cause as Error).message}`, cause);
  }
}

function unreadable(pointer: string, artefact: Artefact, cause: unknown): Refused {
  return refused(pointer, `cannot read ${artefact.path}: ${(cause as Error).message}`, cause);
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
