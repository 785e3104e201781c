import { createPlugin } from '@extism/extism';
import type { Plugin } from '@extism/extism';
import path from 'node:path';
import { ROOT } from '../root.js';

/** The deadline that the example manifest gives the same function. */
const TIMEOUT_MS = 1_000;

/** The very module that the gateway runs. */
const MODULE = { wasm: [{ path: path.join(ROOT, 'build/fixtures/wasm/vowels.wasm') }] };

export type Count = (input: Uint8Array) => Promise<Uint8Array>;

/** `count` as a program calls it that uses the SDK as it comes: on its main thread, without a deadline. */
export async function foregroundCount(): Promise<Count> {
  const plugin = await createPlugin(MODULE);
  return (input) => count(plugin, input);
}

/**
 * `count` in the SDK's own worker, with a deadline: one call at a time, as the SDK demands. The `reset` afterwards is
 * not waited for by the caller, but without it every call's input stays in memory, and the next call is slower.
 */
export async function workerCount(): Promise<Count> {
  const plugin = await createPlugin(MODULE, { runInWorker: true, timeoutMs: TIMEOUT_MS });
  let last: Promise<unknown> = Promise.resolve();
  return (input) => {
    const output = last.then(() => count(plugin, input));
    const reset = () => plugin.reset();
    last = output.then(reset, reset);
    return output;
  };
}

async function count(plugin: Plugin, input: Uint8Array): Promise<Uint8Array> {
  const output = await plugin.call('count', input);
  if (output === null) throw new Error('the plugin answered nothing');
  return output.bytes();
}
