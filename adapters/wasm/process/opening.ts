import type { WasmSpec } from '../../../src/domain/plugin.js';

/** What a process of lanes is told first. */
export interface Opening {
  readonly spec: WasmSpec;
  /** The bytes of its modules, by their paths: it need not see the files, and looks whether these are the ones that were hashed. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly lanes: number;
  readonly depth: number;
  readonly startWithinMs: number;
}
