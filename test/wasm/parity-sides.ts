import { readFileSync } from 'node:fs';
import createPlugin, { type Plugin } from '@extism/extism';
import { Failed } from '#src/domain/failure.js';
import type { WasmSpec } from '#src/domain/plugin.js';
import { startLanes } from '#adapters/wasm/parent/lanes.js';
import { callOf, Events } from './harness.js';

/** What a call came to: bytes in hex, what the plugin said instead, or a trap, whose words are each engine's own. */
export type Answer = { readonly output: string } | { readonly error: string } | { readonly trap: string };

/** One way to run a module: through this adapter, or the bare SDK in the foreground. */
export interface Side {
  call(name: string, input: Uint8Array): Promise<Answer>;
  /** Ends it, and answers with every line that was logged. */
  end(): Promise<string[]>;
}

/** One lane, so that one instance answers all calls. */
export async function ours(spec: WasmSpec): Promise<Side> {
  const lanes = startLanes({ lanes: 1 });
  const events = new Events();
  const backend = await lanes.open(spec, events.report).catch(async (error: unknown) => {
    await lanes.close();
    throw error;
  });
  return {
    async call(name, input) {
      try {
        return { output: hex((await backend.call(callOf(name, input))).output) };
      } catch (error) {
        if (!(error instanceof Failed)) throw error;
        if (error.failure.code === 'plugin-error') return { error: error.failure.detail };
        if (error.failure.code === 'trapped') return { trap: error.failure.detail };
        throw error;
      }
    },
    async end() {
      await lanes.close();
      return events.lines();
    },
  };
}

const SAID = 'Plugin-originated error: ';

/** After a trap the SDK would go on with what that has left; here the next call meets a new instance. */
export async function theirs(spec: WasmSpec, afterTrap: 'begin anew' | 'go on' = 'begin anew'): Promise<Side> {
  const lines: string[] = [];
  const at = (level: string) => (text: string) => void lines.push(`${level}: ${text}`);
  const levels = Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, at(level)]));
  const modules = [...[...spec.link].map(([name, artefact]) => ({ name, artefact })), { artefact: spec.module }];
  const open = (): Promise<Plugin> =>
    createPlugin(
      {
        wasm: modules.map(({ artefact, ...named }) => ({
          ...named,
          data: new Uint8Array(readFileSync(artefact.path)),
        })),
      },
      {
        config: Object.fromEntries(spec.config),
        logger: { ...console, ...levels },
        logLevel: 'info',
        useWasi: true,
      },
    );
  let plugin = await open();
  return {
    async call(name, input) {
      try {
        return { output: hex((await plugin.call(name, input))?.bytes() ?? new Uint8Array(0)) };
      } catch (error) {
        const { message } = error as Error;
        if (message.startsWith(SAID)) return { error: message.slice(SAID.length) };
        if (afterTrap === 'begin anew') {
          await plugin.close();
          plugin = await open();
        }
        return { trap: message };
      }
    },
    async end() {
      await plugin.close();
      return lines;
    },
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
