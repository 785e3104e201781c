import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { NativeSpec } from '#src/domain/native.js';
import type { NativeFunction } from '#src/domain/native-function.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export function fixture(name: string): string {
  return join(ROOT, 'build/fixtures/legacy', `lib${name}.so`);
}

/** Compiles a C file of this folder into a shared library of its own; `flags` go to the compiler. */
export function compile(source: string, folder: string, output: string, flags: readonly string[] = []): string {
  const library = join(folder, output);
  mkdirSync(folder, { recursive: true });
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(ROOT, 'test/native', source), ...flags]);
  return library;
}

/** A folder that is gone after the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-native-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

export const buffer = (symbol: string): NativeFunction => ({ convention: 'buffer', symbol });

/** A specification as the registry makes it. */
export function specOf(
  path: string,
  functions: Readonly<Record<string, NativeFunction>>,
  over: Partial<NativeSpec> = {},
): NativeSpec {
  return {
    kind: 'native',
    plugin: 'faulty',
    version: '1.0.0',
    library: { path, sha256: sha256(path) },
    functions: new Map(Object.entries(functions)),
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
    restarts: { max: 1_000, withinMs: 60_000, restMs: 1_000 },
    recycle: { calls: null, growth: null },
    config: new Map(),
    outputLimit: 4 * 1024 * 1024,
    ...over,
  };
}

export const FAULTY = Object.fromEntries(
  [
    'echo',
    'segfault',
    'abort',
    'exit0',
    'loop',
    'leak',
    'overflow',
    'print',
    'error',
    'status',
    'wild',
    'dangling',
    'sleep',
  ].map((name) => [name, buffer(`faulty_${name}`)]),
);
