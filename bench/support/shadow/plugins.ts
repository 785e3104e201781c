import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ROOT } from '../root.js';

/** What the slow side is asked for: a nap of a second. */
export const NAP = Buffer.from('1000');

const VOWELS = `name: vowels
version: 1.0.0
functions:
  count: { effects: pure, input: text/plain, output: application/json, compare: { as: json } }
backends:
  legacy:
    kind: native
    library: libvowels.so
    functions: { count: { symbol: vowels_count, convention: buffer } }
  wasm: { kind: wasm, module: vowels.wasm }
`;

/** Legacy answers at once; wasm sleeps as long as its input says, without computing. */
const SLOW = `name: slow
version: 1.0.0
functions:
  answer: { effects: pure, timeout: 5s }
backends:
  legacy:
    kind: native
    library: libfaulty.so
    functions: { answer: { symbol: faulty_echo, convention: buffer } }
  wasm:
    kind: wasm
    module: wasi-files.wasm
    functions: { answer: { export: nap } }
`;

/** Makes a folder of two plugins: `vowels`, both sides of which are fast, and `slow`, whose wasm takes a second. */
export async function makePlugins(folder: string): Promise<void> {
  const plugins = [
    { name: 'vowels', manifest: VOWELS, files: ['legacy/libvowels.so', 'wasm/vowels.wasm'] },
    { name: 'slow', manifest: SLOW, files: ['legacy/libfaulty.so', 'wasm/wasi-files.wasm'] },
  ];
  for (const { name, manifest, files } of plugins) {
    await mkdir(path.join(folder, name), { recursive: true });
    await writeFile(path.join(folder, name, 'plugin.yaml'), manifest);
    for (const file of files) {
      await copyFile(path.join(ROOT, 'build/fixtures', file), path.join(folder, name, path.basename(file)));
    }
  }
}
