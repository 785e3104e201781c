import { readFile } from 'node:fs/promises';
import { createComparer } from './comparison/comparer.js';
import { BACKEND_NAMES } from './domain/backend.js';
import type { Configuration } from './domain/configuration.js';
import type { DisabledPlugin } from './domain/generation.js';
import { Misconfigured } from './domain/misconfigured.js';
import { artefactOf, type Plugin } from './domain/plugin.js';
import { discover } from './registry/discover.js';
import { nearest } from './domain/nearest.js';
import { readConfiguration } from './registry/read-configuration.js';

interface Target {
  readonly plugin: string;
  /** null: all of the plugin's functions. */
  readonly function: string | null;
}

/** A plugin that has both sides, as its files declare it. */
export interface FoundPlugin {
  readonly configuration: Configuration;
  readonly plugin: Plugin;
  /** Those that are asked for. */
  readonly functions: readonly string[];
  /** All plugins: this one may call others. */
  readonly plugins: ReadonlyMap<string, Plugin>;
  readonly disabled: ReadonlyMap<string, DisabledPlugin>;
}

/** Reads the configuration and finds a plugin with both sides; rejects with an error that says what to do. */
export async function findPlugin(config: string, target: Target): Promise<FoundPlugin> {
  const configuration = await readConfiguration(config);
  const { plugins, disabled } = await discover(configuration, createComparer().tryModule);
  const plugin = pluginOf(target.plugin, plugins, disabled);
  const functions = functionsOf(plugin, target.function);
  for (const name of BACKEND_NAMES)
    if (plugin.backends[name] === null)
      throw new Error(`plugin ${plugin.name} has no ${name} backend: there is nothing to compare`);
  return { configuration, plugin, functions, plugins, disabled };
}

/** What both sides run, as it is. */
export async function readArtefacts(plugin: Plugin): Promise<readonly Buffer[]> {
  const specs = BACKEND_NAMES.map((name) => plugin.backends[name]).filter((spec) => spec !== null);
  return await Promise.all(specs.map((spec) => readFile(artefactOf(spec).path)));
}

function pluginOf(
  name: string,
  plugins: ReadonlyMap<string, Plugin>,
  disabled: ReadonlyMap<string, DisabledPlugin>,
): Plugin {
  const plugin = plugins.get(name);
  if (plugin !== undefined) return plugin;
  const broken = disabled.get(name);
  if (broken !== undefined) throw new Misconfigured(broken.problems);
  throw new Error(`no plugin is called ${name}; ${hint(name, [...plugins.keys()], 'plugins')}`);
}

function functionsOf(plugin: Plugin, asked: string | null): readonly string[] {
  const all = [...plugin.functions.keys()];
  if (asked === null) return all;
  if (all.includes(asked)) return [asked];
  throw new Error(`plugin ${plugin.name} has no function ${asked}; ${hint(asked, all, 'functions')}`);
}

/** Throws where one of these functions may not be run on both sides. */
export function refuseUnsafe(plugin: Plugin, functions: Iterable<string>): void {
  const unsafe = [...functions].filter((name) => plugin.functions.get(name)?.effects === 'unsafe');
  if (unsafe.length === 0) return;
  throw new Error(
    `${unsafe.map((name) => `${plugin.name}/${name}`).join(', ')} may not be run twice: its effects are unsafe.\n` +
      'Declare `effects: pure` or `idempotent` in its manifest if that is so, or say --allow-unsafe: then each input is run on both sides',
  );
}

function hint(name: string, known: readonly string[], what: string): string {
  const meant = nearest(name, known);
  if (meant !== null) return `did you mean ${meant}?`;
  return known.length === 0 ? `there are no ${what}` : `there are the ${what} ${known.join(', ')}`;
}
