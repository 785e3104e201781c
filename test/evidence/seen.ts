import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { BackendName } from '#src/domain/backend.js';
import type { Compared } from '#src/domain/compared.js';
import type { ComparisonResult, Difference, Ended } from '#src/domain/comparison.js';
import type { Failure } from '#src/domain/failure.js';
import type { LiveBackend, LiveFunction } from '#src/domain/generation.js';
import type { Observation } from '#src/domain/observation.js';
import type { PluginFunction } from '#src/domain/plugin.js';
import { openEvidence } from '#src/evidence/book.js';
import type { EvidenceBook } from '#src/evidence/book.js';
import { functionNamed } from '../functions.js';

/** A clock that stands until it is set. */
export interface Clock {
  now: number;
}

export const NOON = Date.parse('2026-11-22T12:00:00Z');

export interface Opened {
  readonly book: EvidenceBook;
  readonly clock: Clock;
  readonly warnings: string[];
}

/** A folder that goes with the test. */
export async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'banyan-evidence-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

/** Evidence of a folder, by default one of its own. */
export async function opened(given: { readonly folder?: string; readonly at?: number } = {}): Promise<Opened> {
  const clock = { now: given.at ?? NOON };
  const warnings: string[] = [];
  const book = await openEvidence({
    folder: given.folder ?? (await folder()),
    now: () => clock.now,
    random: randomOf(1),
    warn: (message) => void warnings.push(message),
  });
  onTestFinished(() => book.close());
  return { book, clock, warnings };
}

interface LiveShape {
  readonly legacy?: string | null;
  readonly wasm?: string | null;
  readonly spec?: Partial<PluginFunction>;
  readonly name?: string;
}

/** A live function with artefacts of these digests; only what evidence looks at is real. */
export function liveFunction({ legacy = 'L1', wasm = 'W1', spec = {}, name = 'quote' }: LiveShape = {}): LiveFunction {
  const stage = { stage: 'legacy' } as const;
  return {
    plugin: 'pricing',
    spec: functionNamed(name, { effects: 'pure', compareDigest: 'C1', ...spec }),
    route: {
      plugin: 'pricing',
      function: name,
      own: true,
      stage,
      effective: stage,
      allowed: new Set(),
      tripped: null,
      revision: 1,
    },
    legacy: legacy === null ? null : backend('legacy', legacy),
    wasm: wasm === null ? null : backend('wasm', wasm),
  };
}

function backend(name: BackendName, digest: string): LiveBackend {
  return {
    name,
    kind: name === 'legacy' ? 'native' : 'wasm',
    version: '1.0.0',
    sha256: digest,
    digest,
    backend: {
      window: { size: 1 },
      call: () => Promise.reject(new Error('nobody calls it')),
      close: () => Promise.resolve(),
    },
    state: () => ({ state: 'ready', pids: [] }),
    inFlight: () => 0,
    acquire: () => undefined,
    release: () => undefined,
  };
}

export function observation(given: Partial<Observation> = {}): Observation {
  return {
    plugin: 'pricing',
    function: 'quote',
    backend: 'wasm',
    role: 'primary',
    outcome: 'ok',
    again: false,
    hadItsTime: true,
    queueMs: 0.01,
    callMs: 1,
    ...given,
  };
}

export const REPLY: Ended = { output: Buffer.from('{}') };
const CRASH: Failure = { code: 'crashed', detail: 'SIGSEGV' };

interface ComparedShape {
  readonly differences?: readonly Difference[];
  readonly omitted?: number;
  readonly legacy?: Ended;
  readonly wasm?: Ended;
}

/** A comparison with this result. */
export function compared(live: LiveFunction, result: ComparisonResult, given: ComparedShape = {}): Compared {
  const legacyFailed = result === 'legacy-failed' || result === 'both-failed';
  const wasmFailed = result === 'wasm-failed' || result === 'both-failed';
  return {
    live,
    comparison: { result, differences: given.differences ?? [], omitted: given.omitted ?? 0 },
    input: Buffer.from('{}'),
    legacy: given.legacy ?? (legacyFailed ? CRASH : REPLY),
    wasm: given.wasm ?? (wasmFailed ? CRASH : REPLY),
    primary: 'legacy',
    requestId: 'r',
    key: null,
    at: NOON,
  };
}

export function difference(pointer: string, kind: Difference['kind'] = 'value'): Difference {
  return { pointer, kind, legacy: '1', wasm: '2' };
}

/** Does it so many times. */
export function times(count: number, does: () => void): void {
  for (let time = 0; time < count; time++) does();
}

/** Numbers in [0, 1), the same ones for a seed (xorshift32). */
export function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
