import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openNative } from '../../../adapters/native/open.js';
import type { Backend, BackendState } from '../../../src/domain/backend.js';
import { Call } from '../../../src/domain/call.js';
import type { NativeSpec } from '../../../src/domain/native.js';
import { ROOT } from '../root.js';

export const FAULTY = libraryFile('faulty');

function libraryFile(name: string): string {
  return path.join(ROOT, 'build/fixtures/legacy', `lib${name}.so`);
}

/** One function of a fixture that is a plain C function, in a child of its own. */
export function computed(name: string, wanted: string, symbol: string): NativeSpec {
  const file = libraryFile(name);
  return faulty({
    plugin: name,
    library: { path: file, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') },
    functions: new Map([[wanted, { convention: 'buffer', symbol }]]),
  });
}

/** The `faulty` fixture, with what the benches call of it, as the registry would specify it. */
export function faulty(over: Partial<NativeSpec> = {}): NativeSpec {
  return {
    kind: 'native',
    plugin: 'faulty',
    version: '1.0.0',
    library: { path: FAULTY, sha256: createHash('sha256').update(readFileSync(FAULTY)).digest('hex') },
    functions: new Map([
      ['echo', { convention: 'buffer', symbol: 'faulty_echo' }],
      ['segfault', { convention: 'buffer', symbol: 'faulty_segfault' }],
    ]),
    types: [],
    init: null,
    shutdown: null,
    lastError: null,
    free: 'free',
    abi: null,
    isolation: 'process',
    group: null,
    containment: 'preferred',
    rights: { network: false, spawn: false, paths: new Map() },
    poolSize: 1,
    memory: null,
    restarts: { max: 1_000_000, withinMs: 60_000, restMs: 10_000 },
    recycle: { calls: null, growth: null },
    config: new Map(),
    outputLimit: 16 * 1024 * 1024,
    ...over,
  };
}

export function callOf(name: 'echo' | 'segfault', input: Uint8Array): Call {
  const deadline = performance.now() + 60_000;
  return new Call({ plugin: 'faulty', function: name, input, deadline, requestId: 'bench', role: 'primary' });
}

export interface Opened {
  readonly backend: Backend;
  /** As it was told last. */
  readonly state: () => BackendState;
}

/** Opens backends that share spares, and groups, as those of one gateway do; a crash is made good at once. */
export function opener(): (spec: NativeSpec) => Promise<Opened> {
  const open = openNative({ backoff: { baseMs: 0, maxMs: 0 } });
  return async (spec) => {
    let state: BackendState = { state: 'loading' };
    const backend = await open(spec, (event) => {
      if (event.type === 'state') state = event.state;
    });
    return { backend, state: () => state };
  };
}
