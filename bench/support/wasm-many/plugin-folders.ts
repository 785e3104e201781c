import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ROOT } from '../root.js';
import { grownModule } from './grown-module.js';

/** Makes plugins of the example `vowels`, on wasm alone, each with a module of its own of about so many bytes. */
export async function makePlugins(folder: string, count: number, bytes: number): Promise<readonly string[]> {
  const module = await readFile(path.join(ROOT, 'build/fixtures/wasm/vowels.wasm'));
  const names = Array.from({ length: count }, (_, index) => `vowels-${String(index).padStart(4, '0')}`);
  for (const name of names) {
    await mkdir(path.join(folder, name), { recursive: true });
    await writeFile(path.join(folder, name, 'vowels.wasm'), grownModule(module, bytes, name));
    await writeFile(path.join(folder, name, 'plugin.yaml'), manifestOf(name, '1.0.0'));
  }
  return names;
}

export function manifestOf(name: string, version: string): string {
  return `# Text in, JSON out.
name: ${name}
version: ${version}
functions:
  count:
    effects: pure
    input: text/plain
    output: application/json
    timeout: 10s
    compare: { as: json }
  list:
    effects: pure
    input: text/plain
    output: application/json
    timeout: 10s
    compare: { as: json }
backends:
  wasm:
    kind: wasm
    module: vowels.wasm
    memory: 64MiB
`;
}
