import type { Problem } from '../../../src/domain/backend.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import { SERVED } from '../host-abi.js';
import { circlesOf, providedBy, type Providers } from './link-order.js';
import type { Import } from './module-interface.js';
import type { ReadModule } from './read-module.js';

/** Everything of a backend's modules that speaks against running them, all at once. */
export function problemsOf(main: ReadModule, providers: Providers, spec: WasmSpec): Problem[] {
  return [
    ...[...providers.values()].flatMap((module) => unservedImports(module, providers)),
    ...circlesOf(main, providers).map(({ from, wanted }) =>
      problem(from, `it imports ${said(wanted)}, in a circle: only functions can be imported in one`),
    ),
    ...missingExports(main, spec),
  ];
}

function unservedImports(module: ReadModule, providers: Providers): Problem[] {
  return module.interface.imports.flatMap((wanted) => {
    const why = whyNot(wanted, providers);
    return why === null ? [] : [problem(module, `it imports ${said(wanted)}, ${why}`)];
  });
}

/** What is wrong with an import; null when it is served. What is linked comes before what the gateway serves. */
function whyNot(wanted: Import, providers: Providers): string | null {
  const provider = providers.get(wanted.module);
  const found = providedBy(wanted, providers);
  if (provider !== undefined && found !== undefined) {
    if (found.kind !== wanted.kind) return `which is a ${found.kind} in ${provider.file}`;
    return typeConflict(wanted, found.type, provider.file);
  }
  const served = wanted.kind === 'function' ? SERVED.get(wanted.module)?.get(wanted.name) : undefined;
  if (served !== undefined) return typeConflict(wanted, served, 'the gateway');
  if (provider === undefined) return `which is not served${hint(wanted.module)}`;
  const names = provider.interface.exports.filter(({ kind }) => kind === wanted.kind).map(({ name }) => name);
  return `which ${provider.file} does not export; its ${wanted.kind} exports are: ${names.join(', ') || 'none'}`;
}

function typeConflict(wanted: Import, type: string | null, where: string): string | null {
  if (wanted.type === null || type === null || wanted.type === type) return null;
  return `as ${wanted.type}; in ${where} it is ${type}`;
}

function hint(from: string): string {
  return from === 'wasi_snapshot_preview1' ? ' (WASI is not supported yet)' : '';
}

function missingExports(main: ReadModule, spec: WasmSpec): Problem[] {
  const exported = main.interface.exports.filter(({ kind }) => kind === 'function').map(({ name }) => name);
  return [...spec.functions]
    .filter(([, name]) => !exported.includes(name))
    .map(([name, wanted]) => ({
      pointer: `/backends/wasm/functions/${escaped(name)}/export`,
      message: `${main.file}: it has no function export "${wanted}"; its function exports are: ${exported.join(', ') || 'none'}`,
    }));
}

function problem({ pointer, file }: ReadModule, message: string): Problem {
  return { pointer, message: `${file}: ${message}` };
}

function said({ kind, name, module }: Import): string {
  return `the ${kind} "${name}" from "${module}"`;
}

/** As a part of a JSON pointer. */
export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
