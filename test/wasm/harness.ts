import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Artefact } from '#src/domain/artefact.js';
import type { Backend, BackendEvent } from '#src/domain/backend.js';
import { Call } from '#src/domain/call.js';
import { Failed, type Failure } from '#src/domain/failure.js';
import type { WasmSpec } from '#src/domain/plugin.js';
import { type Lanes, type LanesOptions, startLanes } from '#adapters/wasm/parent/lanes.js';

export const FAULTY = 'echo segfault abort exit0 loop overflow wild dangling error status sleep print leak'.split(' ');

/** Lanes that end with the test. */
export function lanesOf(options: LanesOptions): Lanes {
  const lanes = startLanes(options);
  onTestFinished(() => lanes.close());
  return lanes;
}

/** A spec of a fixture, of a file, or of bytes that a test made. */
export function specOf(
  module: string | Uint8Array,
  functions: readonly string[],
  extra: Partial<WasmSpec> = {},
): WasmSpec {
  return {
    kind: 'wasm',
    plugin: 'tested',
    version: '1.0.0',
    module: artefactOf(module),
    functions: new Map(functions.map((name) => [name, name])),
    link: new Map(),
    memory: 64 * 1024 * 1024,
    instance: 'reuse',
    config: new Map(),
    hosts: [],
    paths: new Map(),
    calls: [],
    isolation: 'thread',
    containment: 'preferred',
    outputLimit: 16 * 1024 * 1024,
    ...extra,
  };
}

/** What a manifest links: fixtures, files, or bytes by the name that they are imported under. */
export function linkOf(modules: Readonly<Record<string, string | Uint8Array>>): ReadonlyMap<string, Artefact> {
  return new Map(Object.entries(modules).map(([name, module]) => [name, artefactOf(module, `${name}.wasm`)]));
}

export function callOf(functionName: string, input: string | Uint8Array = '', withinMs = 50_000): Call {
  return new Call({
    plugin: 'tested',
    function: functionName,
    input: typeof input === 'string' ? Buffer.from(input) : input,
    deadline: performance.now() + withinMs,
    requestId: 'test',
    role: 'primary',
  });
}

/** What a call answered, as text. */
export async function textOf(backend: Backend, call: Call): Promise<string> {
  return Buffer.from((await backend.call(call)).output).toString();
}

/** How a call failed. */
export async function failureOf(backend: Backend, call: Call): Promise<Failure> {
  try {
    await backend.call(call);
  } catch (error) {
    if (error instanceof Failed) return error.failure;
    throw error;
  }
  throw new Error(`${call.function} answered instead of failing`);
}

/** Hears a backend's events, and lets a test wait for one. */
export class Events {
  readonly all: BackendEvent[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly report = (event: BackendEvent): void => {
    this.all.push(event);
    for (const again of this.#waiting.splice(0)) again();
  };

  lines(): string[] {
    return this.all.flatMap((event) => (event.type === 'output' ? [event.line] : []));
  }

  restarts(): string[] {
    return this.all.flatMap((event) => (event.type === 'restart' ? [event.cause] : []));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((again) => this.#waiting.push(again));
  }
}

function artefactOf(module: string | Uint8Array, file = 'module.wasm'): Artefact {
  const path = typeof module === 'string' ? resolve('build/fixtures/wasm', module) : written(module, file);
  return { path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') };
}

function written(bytes: Uint8Array, file: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'banyan-wasm-')), file.replaceAll('/', '-'));
  writeFileSync(path, bytes);
  return path;
}
