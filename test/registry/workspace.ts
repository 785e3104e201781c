import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Configuration } from '#src/domain/configuration.js';
import type { FileProblem } from '#src/domain/generation.js';
import { Misconfigured } from '#src/domain/misconfigured.js';
import type { Plugin } from '#src/domain/plugin.js';
import { discover } from '#src/registry/discover.js';
import { readConfiguration } from '#src/registry/read-configuration.js';

/** A folder of a test's own, gone when it ends, with these files in it. */
export function workspace(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'banyan-registry-')));
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true });
  });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

/** A manifest without a mistake, for a folder with `a.so` and `a.wasm` in it. Tests change a part of it. */
export const MANIFEST = `name: pricing
version: 1.4.0
functions:
  quote:
    effects: pure
    timeout: 500ms
backends:
  legacy:
    kind: native
    library: a.so
    functions:
      quote: { symbol: pricing_quote, convention: buffer }
  wasm:
    kind: wasm
    module: a.wasm
`;

/** The files of one plugin folder with this manifest. */
export function pluginFiles(manifest: string, name = 'pricing'): Record<string, string> {
  return {
    [`plugins/${name}/plugin.yaml`]: manifest,
    [`plugins/${name}/a.so`]: 'a library',
    [`plugins/${name}/a.wasm`]: 'a module',
  };
}

/** The configuration of a workspace. */
export async function configured(root: string, text = 'plugins: ./plugins\n'): Promise<Configuration> {
  writeFileSync(join(root, 'banyan.yaml'), text);
  return readConfiguration(join(root, 'banyan.yaml'));
}

/** What the workspace's one plugin folder gives: the plugin, or what is wrong with it. */
export async function onlyPlugin(root: string, text?: string): Promise<Plugin | string[]> {
  const { plugins, disabled } = await discover(await configured(root, text));
  const [problems] = [...disabled.values()].map((plugin) => plugin.problems);
  const [plugin] = plugins.values();
  if (problems !== undefined) return problems.map((problem) => short(problem, root));
  if (plugin === undefined) throw new Error('there is no plugin folder');
  return plugin;
}

/** A problem without its file: `line:column: path: message`, with the workspace's folder cut out. */
export function short(problem: FileProblem, root = '/nowhere'): string {
  const place = `${problem.line}:${problem.column}`;
  return `${place}: ${problem.path}: ${problem.message.replaceAll(root, '')}`;
}

/** The problems of a call that has to be refused. */
export async function refusal(attempt: () => unknown): Promise<readonly FileProblem[]> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof Misconfigured) return error.problems;
    throw error;
  }
  throw new Error('expected a refusal');
}
