import { resolve } from 'node:path';
import type { Artefact, NativeFunction, NativeSpec, PluginFunction, WasmSpec } from '../domain/plugin.js';
import type { ManifestFile } from '../schema/manifest.js';
import { declaredName } from '../schema/native-backend.js';

type Written<Key extends 'legacy' | 'wasm'> = NonNullable<ManifestFile['backends'][Key]>;
type WrittenFunction = Written<'legacy'>['functions'][string];

/** A function as the domain knows it. */
export function functionOf(name: string, written: ManifestFile['functions'][string]): PluginFunction {
  const { effects, input, output, timeout, key, compare } = written;
  return { name, effects, input, output, timeoutMs: timeout, keyHeader: key.header, compare };
}

/** What the native adapter is opened with. */
export function nativeSpec(manifest: ManifestFile, written: Written<'legacy'>, library: Artefact): NativeSpec {
  const { max, within, rest } = written.restarts;
  return {
    kind: 'native',
    plugin: manifest.name,
    version: written.version ?? manifest.version,
    library,
    functions: new Map(Object.entries(written.functions).map(([name, how]) => [name, nativeFunction(name, how)])),
    free: written.free,
    poolSize: written.pool.size,
    memory: written.memory ?? null,
    restarts: { max, withinMs: within, restMs: rest },
    outputLimit: manifest.limits.output,
  };
}

function nativeFunction(name: string, written: WrittenFunction): NativeFunction {
  if (written.convention !== 'prototype') return { convention: written.convention, symbol: written.symbol ?? name };
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
    config: new Map(Object.entries(written.config)),
    hosts: written.hosts,
    paths: new Map(Object.entries(written.paths).map(([guest, host]) => [guest, hostPath(artefacts.folder, host)])),
    outputLimit: manifest.limits.output,
  };
}

function hostPath(folder: string, written: string): string {
  const writable = written.startsWith('rw:');
  return `${writable ? 'rw:' : ''}${resolve(folder, writable ? written.slice(3) : written)}`;
}
