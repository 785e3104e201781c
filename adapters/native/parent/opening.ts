import type { Problem } from '../../../src/domain/backend.js';
import type { NativeSpec } from '../../../src/domain/native.js';
import type { LibraryOpening, Opened, Refusals } from '../protocol/opening.js';
import { ProtocolError } from './answer-reader.js';

/** What a child is told about one library; the functions get the ids from `firstId` on. */
export function libraryOpening(spec: NativeSpec, bytes: Uint8Array | null, firstId: number): LibraryOpening {
  const { functions, free, abi } = spec;
  return {
    plugin: spec.plugin,
    path: spec.library.path,
    sha256: spec.library.sha256,
    size: bytes?.length ?? null,
    config: Object.fromEntries(spec.config),
    outputLimit: spec.outputLimit,
    free,
    abi,
    functions: [...functions].map(([name, declared], index) => ({ id: firstId + index, name, declared })),
  };
}

/** What a child says it could not deny. Throws {@link ProtocolError} at anything else. */
export function parseOpened(body: Buffer): Opened {
  const opened = parse(body);
  const missing = isObject(opened) ? opened['missing'] : null;
  if (!Array.isArray(missing) || !missing.every((each) => typeof each === 'string'))
    throw new ProtocolError('a first answer that says nothing');
  return { missing };
}

/** A child's problems. Foreign code ran in it before it said so: throws {@link ProtocolError} at anything else. */
export function parseRefusals(body: Buffer): Refusals {
  const refusals = parse(body);
  if (!Array.isArray(refusals) || refusals.length === 0 || !refusals.every(isRefusal))
    throw new ProtocolError('problems that are none');
  return refusals.map(({ library, problems }) => ({
    library,
    problems: problems.map(({ pointer, message }) => ({ pointer, message })),
  }));
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new ProtocolError('what should be JSON is none', { cause });
  }
}

function isRefusal(value: unknown): value is Refusals[number] {
  if (!isObject(value)) return false;
  const { library, problems } = value;
  return Number.isInteger(library) && Array.isArray(problems) && problems.length > 0 && problems.every(isProblem);
}

function isProblem(value: unknown): value is Problem {
  return isObject(value) && typeof value['pointer'] === 'string' && typeof value['message'] === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
