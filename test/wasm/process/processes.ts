import { onTestFinished } from 'vitest';
import { containedProcesses } from '#adapters/native/contained.js';
import { openInProcesses } from '#adapters/wasm/process/parent/open.js';
import type { ProcessOptions } from '#adapters/wasm/process/parent/settings.js';
import type { Backend } from '#src/domain/backend.js';
import type { WasmSpec } from '#src/domain/plugin.js';
import { Watch } from '../../native/watching.js';

export interface Isolated {
  readonly backend: Backend;
  readonly watch: Watch;
}

/** A backend in a process of its own, with one lane; closed after the test. */
export async function isolate(spec: WasmSpec, options: Partial<ProcessOptions> = {}): Promise<Isolated> {
  const watch = new Watch();
  const open = openInProcesses({ contained: containedProcesses(), lanes: 1, ...options });
  const backend = await open({ ...spec, isolation: 'process' }, watch.report);
  onTestFinished(() => backend.close());
  return { backend, watch };
}
