import type { Problem } from '../../../src/domain/backend.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import { MAIN, SERVED, WASI_MODULE } from '../host-abi.js';
import { circlesOf, providedBy, type Providers } from './link-order.js';
import type { Import } from './module-interface.js';
import type { LimitedModule } from './read-module.js';

/** Everything of a backend's modules that speaks against running them, all at once. */
export function problemsOf(providers: Providers, spec: WasmSpec): Problem[] {
  const main = providers.get(MAIN);
  if (main === undefined) throw new RangeError('there is no module');
  return [
    ...[...providers.values()].flatMap((module) => [
      ...unservedImports(module, providers),
      ...missingMemory(module, providers),
    ]),
    ...circlesOf(main, providers).map(({ from, wanted }) =>
      problem(from, `it imports ${said(wanted)}, in a circle: only functions can be imported in one`),
    ),
    ...unfitExports(main, spec),
  ];
}

function unservedImports(module: LimitedModule, providers: Providers): Problem[] {
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
  if (provider === undefined) return 'which is not served';
  const names = provider.interface.exports.filter(({ kind }) => kind === wanted.kind).map(({ name }) => name);
  return `which ${provider.file} does not export; its ${wanted.kind} exports are: ${names.join(', ') || 'none'}`;
}

function typeConflict(wanted: Import, type: string | null, where: string): string | null {
  if (wanted.type === null || type === null || wanted.type === type) return null;
  return `as ${wanted.type}; in ${where} it is ${type}`;
}

/** Whether the gateway is to serve WASI to a module; one beside it could do so. */
export function importsWasi({ interface: { imports } }: LimitedModule, providers: Providers): boolean {
  return imports.some((wanted) => wanted.module === WASI_MODULE && providedBy(wanted, providers) === undefined);
}

/** WASI works on the memory that its caller exports. */
function missingMemory(module: LimitedModule, providers: Providers): Problem[] {
  const exported = module.interface.exports.some(({ name, kind }) => name === 'memory' && kind === 'memory');
  if (exported || !importsWasi(module, providers)) return [];
  return [problem(module, 'it imports WASI, and exports no memory under the name "memory"')];
}

function unfitExports(main: LimitedModule, spec: WasmSpec): Problem[] {
  const exported = new Map(
    main.interface.exports.filter(({ kind }) => kind === 'function').map(({ name, type }) => [name, type]),
  );
  return [...spec.functions].flatMap(([name, wanted]) => {
    const why = whyNotCalled(wanted, exported);
    const pointer = `/backends/wasm/functions/${escaped(name)}/export`;
    return why === null ? [] : [{ pointer, message: `${main.file}: ${why}` }];
  });
}

function whyNotCalled(wanted: string, exported: ReadonlyMap<string, string | null>): string | null {
  const type = exported.get(wanted);
  if (type === undefined) {
    const names = [...exported.keys()].join(', ') || 'none';
    return `it has no function export "${wanted}"; its function exports are: ${names}`;
  }
  if (type === null || type.startsWith('()')) return null;
  return `its export "${wanted}" is ${type}, and a plugin's function takes no arguments`;
}

function problem({ pointer, file }: LimitedModule, message: string): Problem {
  return { pointer, message: `${file}: ${message}` };
}

function said({ kind, name, module }: Import): string {
  return `the ${kind} "${name}" from "${module}"`;
}

/** As a part of a JSON pointer. */
export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
