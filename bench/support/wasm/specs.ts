import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Call } from '../../../src/domain/call.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import { ROOT } from '../root.js';

export function moduleFile(name: string): string {
  return path.join(ROOT, 'build/fixtures/wasm', `${name}.wasm`);
}

/** A fixture with some of its functions, as the registry would specify it. */
export function specOf(name: string, functions: readonly string[], over: Partial<WasmSpec> = {}): WasmSpec {
  const file = moduleFile(name);
  return {
    kind: 'wasm',
    plugin: name,
    version: '1.0.0',
    module: { path: file, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') },
    functions: new Map(functions.map((each) => [each, each])),
    link: new Map(),
    memory: 64 * 1024 * 1024,
    config: new Map(),
    hosts: [],
    paths: new Map(),
    calls: [],
    isolation: 'thread',
    containment: 'preferred',
    instance: 'reuse',
    outputLimit: 16 * 1024 * 1024,
    ...over,
  };
}

export function callOf(plugin: string, name: string, input: Uint8Array, withinMs = 60_000): Call {
  const deadline = performance.now() + withinMs;
  return new Call({ plugin, function: name, input, deadline, requestId: 'bench', role: 'primary' });
}
