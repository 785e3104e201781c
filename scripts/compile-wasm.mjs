import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TextDecoder } from 'node:util';
import { writeWhole } from './write-whole.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const baseFlags = [
  '-std=gnu11',
  '-O3',
  '-Wall',
  '-Wextra',
  '-Werror',
  // With the stack first, an overflow of it traps instead of running into the module's data.
  '-Wl,--stack-first,--strip-debug',
];

/** What a module is made for: nothing but its own code; or WASI, with a C library, to be called or to run by itself. */
const systemFlags = {
  none: ['--target=wasm32-unknown-unknown', '-nostdlib', '-Wl,--no-entry'],
  'wasi-reactor': ['--target=wasm32-wasip1', '-mexec-model=reactor'],
  'wasi-command': ['--target=wasm32-wasip1'],
};

/**
 * Compiles C to a WebAssembly module for one of the systems above, and returns once `output` is whole.
 * `sources` are paths relative to the project's root: each `.c` is compiled and linked, anything else
 * is there to be included. `flags` come after the base flags and so win over them.
 * Rejects with the compiler's own messages.
 */
export async function compileWasm({ sources, output, system = 'none', flags = [] }) {
  // 100 MB of compiler: imported only when there is something to compile.
  const { runClang, runLLVM } = await import('@yowasp/clang');
  // Loaded by a call of its own: runClang would write the progress of it to stdout.
  await runLLVM(null, {}, { fetchProgress: () => {} });

  const files = {};
  for (const source of sources) place(files, source, await readFile(path.join(root, source)));

  const messages = [];
  const decoder = new TextDecoder();
  const options = {
    stdout: (bytes) => messages.push(decoder.decode(bytes ?? undefined)),
    stderr: (bytes) => messages.push(decoder.decode(bytes ?? undefined)),
    decodeASCII: false, // a module without a byte over 127 would become a string
  };
  const units = sources.filter((source) => source.endsWith('.c'));
  try {
    const made = await runClang(
      ['clang', ...systemFlags[system], ...baseFlags, ...flags, ...units, '-o', 'out.wasm'],
      files,
      options,
    );
    await writeWhole(path.resolve(root, output), made['out.wasm']);
  } catch (cause) {
    throw new Error(`cannot compile ${output}\n${messages.join('').trim()}`, { cause });
  }
}

/** What a build with this compiler depends on beside its sources and flags. */
export async function wasmCompilerVersion(system = 'none') {
  const bundle = fileURLToPath(import.meta.resolve('@yowasp/clang'));
  const manifest = path.join(path.dirname(bundle), '..', 'package.json');
  const { name, version } = JSON.parse(await readFile(manifest, 'utf8'));
  return [`${name} ${version}`, ...systemFlags[system], ...baseFlags].join(' ');
}

/** The compiler sees a tree of its own, in which a folder is an object. */
function place(tree, file, bytes) {
  const names = file.split('/');
  const last = names.pop();
  for (const name of names) tree = tree[name] ??= {};
  tree[last] = bytes;
}
