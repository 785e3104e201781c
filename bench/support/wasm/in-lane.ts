import createPlugin, { type Plugin } from '@extism/extism';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Kernel } from '../../../adapters/wasm/lane/kernel.js';
import { startInstance } from '../../../adapters/wasm/lane/plugin-instance.js';
import { checkModules } from '../../../adapters/wasm/parent/read-modules.js';
import type { Way } from '../batches.js';
import { barest } from '../native/bare-koffi.js';
import { ROOT } from '../root.js';
import { moduleFile, specOf } from './specs.js';

/** What is computed: a function of one C source that is both a module and a library. */
export interface Computed {
  /** Of the fixtures. */
  readonly fixture: string;
  readonly export: string;
  readonly symbol: string;
}

/** A way to compute, with a look at its answer. */
export interface Computing extends Way {
  readonly answer: () => Promise<Uint8Array>;
}

/** What a lane does with a call, without the hop to it: on this thread, wiping included. */
export async function inLane(name: string, what: Computed, input: Uint8Array): Promise<Computing> {
  const spec = specOf(what.fixture, [what.export]);
  const file = readFileSync(path.join(ROOT, 'dist/adapters/wasm/kernel/kernel.wasm'));
  const kernel = new Kernel(new WebAssembly.Module(file), spec.memory);
  const { plugin, config, memory, outputLimit, instance: kept } = spec;
  const checked = await checkModules(spec, true);
  const lane = {
    id: 1,
    plugin,
    ...(await checked.compile()),
    functions: [what.export],
    config,
    grants: [],
    memory,
    outputLimit,
    instance: kept,
  };
  await checked.close();
  const instance = startInstance(lane, kernel, { log: () => undefined, ask: () => ({ kind: 'given-up' }) });
  return {
    name,
    run: (times) => {
      for (let made = 0; made < times; made++) {
        const ending = instance.run(0, input, input.length);
        if (ending.kind !== 'answered') throw new Error(`a call ended as ${ending.kind}`);
        kernel.end();
      }
    },
    answer: () => {
      const ending = instance.run(0, input, input.length);
      if (ending.kind !== 'answered') throw new Error(`a call ended as ${ending.kind}`);
      const output = ending.output.slice();
      kernel.end();
      return Promise.resolve(output);
    },
  };
}

/** The SDK on this thread. It is reset after each call: otherwise every input stays in memory. */
export async function sdkForeground(name: string, what: Computed, input: Uint8Array): Promise<Computing> {
  const plugin = await sdkPlugin(what);
  return {
    name,
    run: async (times) => {
      for (let made = 0; made < times; made++) {
        await plugin.call(what.export, input);
        await plugin.reset();
      }
    },
    answer: async () => {
      const output = await plugin.call(what.export, input);
      const bytes = output?.bytes().slice() ?? new Uint8Array(0);
      await plugin.reset();
      return bytes;
    },
  };
}

export function sdkPlugin({ fixture }: Computed, options: { readonly runInWorker?: boolean } = {}): Promise<Plugin> {
  return createPlugin({ wasm: [{ data: new Uint8Array(readFileSync(moduleFile(fixture))) }] }, options);
}

/** The same C in this process, with the least that koffi can be asked to do. */
export function bareKoffi(name: string, what: Computed, input: Uint8Array): Computing {
  const call = barest(path.join(ROOT, 'build/fixtures/legacy', `lib${what.fixture}.so`), what.symbol);
  return {
    name,
    run: (times) => {
      for (let made = 0; made < times; made++) call(input);
    },
    answer: () => Promise.resolve(call(input)),
  };
}
