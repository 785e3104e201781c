import type { Open } from '../../src/domain/backend.js';
import type { WasmSpec } from '../../src/domain/plugin.js';

/** Opens each backend where its manifest wants it. */
export function openWasm(inThreads: Open<WasmSpec>, inProcess: Open<WasmSpec>): Open<WasmSpec> {
  return (spec, report) => {
    switch (spec.isolation) {
      case 'thread':
        return inThreads(spec, report);
      case 'process':
        return inProcess(spec, report);
      default:
        return spec.isolation satisfies never;
    }
  };
}
