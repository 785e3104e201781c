import type { Problem } from '../../../src/domain/backend.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import { HOST_MODULE, KERNEL_FUNCTIONS, LANE_FUNCTIONS, USER_FUNCTIONS, USER_MODULE } from '../host-abi.js';

const SERVED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [HOST_MODULE, new Set<string>([...KERNEL_FUNCTIONS, ...LANE_FUNCTIONS])],
  [USER_MODULE, new Set<string>(USER_FUNCTIONS)],
]);

/** Everything of a compiled module that speaks against running it, all at once. */
export function problemsOf(module: WebAssembly.Module, spec: WasmSpec): Problem[] {
  return [...unservedImports(module), ...missingExports(module, spec)];
}

function unservedImports(module: WebAssembly.Module): Problem[] {
  return WebAssembly.Module.imports(module)
    .filter(({ module: from, name, kind }) => kind !== 'function' || SERVED.get(from)?.has(name) !== true)
    .map(({ module: from, name, kind }) => ({
      pointer: '/backends/wasm/module',
      message: `it imports the ${kind} "${name}" from "${from}", which is not served${hint(from)}`,
    }));
}

function hint(from: string): string {
  return from === 'wasi_snapshot_preview1' ? ' (WASI is not supported yet)' : '';
}

function missingExports(module: WebAssembly.Module, spec: WasmSpec): Problem[] {
  const exported = WebAssembly.Module.exports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name);
  return [...spec.functions]
    .filter(([, name]) => !exported.includes(name))
    .map(([name, wanted]) => ({
      pointer: `/backends/wasm/functions/${escaped(name)}/export`,
      message: `it has no function export "${wanted}"; its function exports are: ${exported.join(', ') || 'none'}`,
    }));
}

/** As a part of a JSON pointer. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
