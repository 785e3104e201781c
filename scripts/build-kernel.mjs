import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileWasm, wasmCompilerVersion } from './compile-wasm.mjs';
import { openStamps } from './stamps.mjs';
import { copyIfDifferent } from './write-whole.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const sources = ['adapters/wasm/kernel/kernel.c'];
// The lane brings the memory, with the maximum that the plugin's limit leaves. The stack holds no arrays.
const flags = ['-Wl,--import-memory,-z,stack-size=4096'];
const made = 'build/kernel/kernel.wasm';
const shipped = 'dist/adapters/wasm/kernel/kernel.wasm';

/**
 * Builds the kernel when its source or compiler has changed, and puts it where the built lanes look for it.
 * Answers the paths written, relative to the project's root; `say` hears of a build before it begins.
 */
export async function buildKernel({ say = () => {} } = {}) {
  const stamps = await openStamps(path.join(root, 'build/kernel/.stamps.json'), root);
  const recipe = [await wasmCompilerVersion(), ...flags].join(' ');
  const written = [];
  const built = await stamps.refresh(made, { sources, recipe }, async () => {
    say(`clang  ${made}`);
    await compileWasm({ sources, output: made, flags });
  });
  if (built) written.push(made);
  if (await copyIfDifferent(path.join(root, made), path.join(root, shipped))) written.push(shipped);
  return written;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const written = await buildKernel({ say: console.log });
    console.log(written.length === 0 ? 'the kernel is fresh' : `written: ${written.join(', ')}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
