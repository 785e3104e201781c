import type { Backend } from '../../../src/domain/backend.js';
import type { Pumped } from '../pump.js';
import { type Computed, sdkPlugin } from './in-lane.js';
import { callOf } from './specs.js';

/** A contestant that has to be ended. */
export interface Ended extends Pumped {
  readonly end: () => Promise<void>;
}

/** Calls of an open backend, whatever it runs on. */
export function throughBackend(name: string, backend: Backend, { fixture, export: wanted }: Computed): Ended {
  return {
    name,
    call: (input) => backend.call(callOf(fixture, wanted, input)),
    end: () => backend.close(),
  };
}

/**
 * The SDK in its own worker, which takes one call at a time: others wait for it. It is reset after each call, which the
 * caller does not wait for but the next call does; without it every input stays in memory.
 */
export async function sdkWorker(name: string, what: Computed): Promise<Ended & Required<Pumped>> {
  const plugin = await sdkPlugin(what, { runInWorker: true });
  let last: Promise<unknown> = Promise.resolve();
  return {
    name,
    call: (input) => {
      const output = last.then(() => plugin.call(what.export, input));
      const reset = () => plugin.reset();
      last = output.then(reset, reset);
      return output;
    },
    settle: () => last,
    end: () => plugin.close(),
  };
}
