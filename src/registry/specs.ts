import { resolve } from 'node:path';
import type { NativeSpec } from '../domain/native.js';
import type { NativeFunction } from '../domain/native-function.js';
import type { Artefact } from '../domain/artefact.js';
import type { WasmSpec } from '../domain/plugin.js';
import type { ManifestFile } from '../schema/manifest.js';
import { declaredName } from '../schema/native-prototype.js';
import { initOf, lastErrorOf, nativeTypes, shutdownOf } from './native-interface.js';

type Written<Key extends 'legacy' | 'wasm'> = NonNullable<ManifestFile['backends'][Key]>;
type WrittenFunction = Written<'legacy'>['functions'][string];

/** What the native adapter is opened with. */
export function nativeSpec(
  manifest: ManifestFile,
  written: Written<'legacy'>,
  artefacts: { readonly library: Artefact; readonly folder: string },
): NativeSpec {
  const { max, within, rest } = written.restarts;
  const { library, folder } = artefacts;
  return {
    kind: 'native',
    plugin: manifest.name,
    version: written.version ?? manifest.version,
    library,
    functions: new Map(Object.entries(written.functions).map(([name, how]) => [name, nativeFunction(name, how)])),
    types: nativeTypes(written.types),
    init: written.init === undefined ? null : initOf(written.init),
    shutdown: written.shutdown === undefined ? null : shutdownOf(written.shutdown, written.init !== undefined),
    lastError: written.last_error === undefined ? null : lastErrorOf(written.last_error),
    free: written.free,
    abi: written.abi === undefined ? null : { requires: written.requires ?? null },
    isolation: written.isolation,
    group: written.group ?? null,
    containment: written.containment,
    rights: { network: written.hosts.length > 0, spawn: written.spawn, paths: hostPaths(folder, written.paths) },
    poolSize: written.pool.size,
    memory: written.memory ?? null,
    restarts: { max, withinMs: within, restMs: rest },
    recycle: { calls: written.recycle.calls ?? null, growth: written.recycle.growth ?? null },
    config: new Map(Object.entries(written.config)),
    outputLimit: manifest.limits.output,
  };
}

function nativeFunction(name: string, written: WrittenFunction): NativeFunction {
  // The schema lets it be left out beside `abi: stable` alone.
  if (written.convention !== 'prototype')
    return { convention: written.convention ?? 'stable', symbol: written.symbol ?? name };
  const { convention, prototype, args, result } = written;
  return { convention, symbol: written.symbol ?? declaredName(prototype) ?? name, prototype, args, result };
}

/** What the wasm adapter is opened with; host paths are made absolute. */
export function wasmSpec(
  manifest: ManifestFile,
  written: Written<'wasm'>,
  artefacts: { readonly module: Artefact; readonly link: ReadonlyMap<string, Artefact>; readonly folder: string },
): WasmSpec {
  return {
    kind: 'wasm',
    plugin: manifest.name,
    version: written.version ?? manifest.version,
    module: artefacts.module,
    functions: new Map(Object.keys(manifest.functions).map((name) => [name, written.functions[name]?.export ?? name])),
    link: artefacts.link,
    memory: written.memory,
    instance: written.instance,
    config: new Map(Object.entries(written.config)),
    hosts: written.hosts,
    paths: hostPaths(artefacts.folder, written.paths),
    calls: written.calls,
    isolation: written.isolation,
    containment: written.containment,
    outputLimit: manifest.limits.output,
  };
}

function hostPaths(folder: string, written: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(written).map(([inside, host]) => [inside, hostPath(folder, host)]));
}

function hostPath(folder: string, written: string): string {
  const writable = written.startsWith('rw:');
  return `${writable ? 'rw:' : ''}${resolve(folder, writable ? written.slice(3) : written)}`;
}
