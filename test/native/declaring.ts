import { existsSync } from 'node:fs';
import { parse } from 'yaml';
import type { NativeFunction, NativeInterface, NativeType } from '#src/domain/native-function.js';
import { initOf, lastErrorOf, nativeTypes, shutdownOf } from '#src/registry/native-interface.js';
import { nativeFunction } from '#src/schema/native-function.js';
import { declaredName, ownFunction } from '#src/schema/native-prototype.js';
import { nativeTypes as writtenTypes } from '#src/schema/native-type.js';

/** A function as a manifest writes it, in YAML. */
export function declare(yaml: string): NativeFunction {
  const written = nativeFunction.parse(parse(yaml));
  if (written.convention !== 'prototype') throw new Error('no prototype');
  return { ...written, symbol: written.symbol ?? declaredName(written.prototype) ?? '' };
}

/** Functions as a manifest writes them, by name. */
export function declareAll(yaml: Readonly<Record<string, string>>): Record<string, NativeFunction> {
  return Object.fromEntries(Object.entries(yaml).map(([name, text]) => [name, declare(text)]));
}

/** `types` as a manifest writes them, in YAML. */
export function declareTypes(yaml: string): readonly NativeType[] {
  return nativeTypes(writtenTypes.parse(parse(yaml)));
}

/** `init`, `shutdown` and `last_error` as a manifest writes them, in YAML. */
export function declareLife(yaml: {
  init?: string;
  shutdown?: string;
  lastError?: string;
}): Pick<NativeInterface, 'init' | 'shutdown' | 'lastError'> {
  const own = (text: string) => ownFunction.parse(parse(text));
  return {
    init: yaml.init === undefined ? null : initOf(own(yaml.init)),
    shutdown: yaml.shutdown === undefined ? null : shutdownOf(own(yaml.shutdown), yaml.init !== undefined),
    lastError: yaml.lastError === undefined ? null : lastErrorOf(own(yaml.lastError)),
  };
}

const MULTIARCH = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
const FOLDERS = [`/usr/lib/${MULTIARCH}`, `/lib/${MULTIARCH}`, '/usr/lib64', '/lib64', '/usr/lib', '/lib'];

/** Where the system has a library such as `libz.so.1`; null where it has none. Fails in CI, which has them all. */
export function systemLibrary(name: string): string | null {
  const path = FOLDERS.map((folder) => `${folder}/${name}`).find((candidate) => existsSync(candidate));
  if (path === undefined && process.env['CI'] === 'true') throw new Error(`${name} is not installed`);
  return path ?? null;
}
