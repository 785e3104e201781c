import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Problem, Refused } from '../../../src/domain/backend.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import type { CompiledModule } from '../messages.js';
import { problemsOf } from './inspect-module.js';
import { limitModule } from './limit-module.js';
import { NotWasm } from './wasm-binary.js';

const MODULE = '/backends/wasm/module';

/** Reads, checks, limits and compiles a backend's module: what runs is what was hashed. Rejects with Refused. */
export async function readModule(spec: WasmSpec): Promise<CompiledModule> {
  const unsupported = unsupportedParts(spec);
  if (unsupported.length > 0) throw new Refused(unsupported);

  const bytes = await readHashed(spec);
  const name = basename(spec.module.path);
  const { bytes: limited, minimum } = inTermsOf(name, () => limitModule(bytes, spec.memory));
  if (minimum >= spec.memory)
    throw refused(
      `${name} starts with ${minimum} bytes of memory, which leaves nothing of its limit of ${spec.memory} for calls`,
      '/backends/wasm/memory',
    );
  const module = await compile(name, limited);
  const problems = problemsOf(module, spec);
  if (problems.length > 0)
    throw new Refused(problems.map(({ pointer, message }) => ({ pointer, message: `${name}: ${message}` })));
  return { file: name, module };
}

function unsupportedParts(spec: WasmSpec): Problem[] {
  const parts = [
    { used: spec.link.size > 0, pointer: '/backends/wasm/link', what: 'linking further modules' },
    { used: spec.hosts.length > 0, pointer: '/backends/wasm/hosts', what: 'access to hosts' },
    { used: spec.paths.size > 0, pointer: '/backends/wasm/paths', what: 'access to paths' },
  ];
  return parts
    .filter(({ used }) => used)
    .map(({ pointer, what }) => ({ pointer, message: `${what} is not supported yet in this version` }));
}

async function readHashed({ module }: WasmSpec): Promise<Uint8Array> {
  let bytes: Buffer;
  try {
    bytes = await readFile(module.path);
  } catch (cause) {
    throw refused(`cannot read ${module.path}: ${(cause as Error).message}`, MODULE, cause);
  }
  if (createHash('sha256').update(bytes).digest('hex') !== module.sha256)
    throw refused(`${basename(module.path)} has changed since it was hashed`);
  return bytes;
}

async function compile(name: string, bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw refused(`${name} does not compile: ${(cause as Error).message}`, MODULE, cause);
  }
}

function inTermsOf<Result>(name: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof NotWasm)) throw cause;
    throw refused(`${name} ${cause.message}`, MODULE, cause);
  }
}

function refused(message: string, pointer = MODULE, cause?: unknown): Refused {
  return new Refused([{ pointer, message }], { cause });
}
