import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs, TextDecoder } from 'node:util';
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
 * Answers the compiler's warnings, and rejects with its own messages.
 */
export async function compileWasm({ sources, output, system = 'none', flags = [] }) {
  // 100 MB of compiler: imported only when there is something to compile.
  const { runClang, runLLVM } = await import('@yowasp/clang');
  // Loaded by a call of its own: runClang would write the progress of it to stdout.
  await runLLVM(null, {}, { fetchProgress: () => {} });

  const files = {};
  for (const source of sources) place(files, source, await readFile(path.resolve(root, source)));

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
    return messages.join('');
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
  const names = file.split('/').filter((name) => name !== '');
  const last = names.pop();
  for (const name of names) tree = tree[name] ??= {};
  tree[last] = bytes;
}

const USAGE = `usage: node scripts/compile-wasm.mjs --output FILE [--system ${Object.keys(systemFlags).join('|')}] [-I FOLDER]… SOURCE…`;

/** Sources of anybody's, which may have warnings, with the headers that lie beside them and in the folders. */
async function compileFiles(args) {
  const { values, positionals } = parseArgs({
    args,
    options: {
      output: { type: 'string' },
      system: { type: 'string', default: 'none' },
      include: { type: 'string', short: 'I', multiple: true, default: [] },
    },
    allowPositionals: true,
  });
  const { output, system, include } = values;
  if (output === undefined || !Object.hasOwn(systemFlags, system) || positionals.length === 0) throw new Error(USAGE);

  const units = positionals.map((source) => path.resolve(source));
  const folders = include.map((folder) => path.resolve(folder));
  const withHeaders = new Set([...folders, ...units.map((unit) => path.dirname(unit))]);
  const headers = await Promise.all([...withHeaders].map(headersIn));
  return compileWasm({
    sources: [...units, ...headers.flat()],
    output: path.resolve(output),
    system,
    // After the compiler's own: where there is a C library, its headers count.
    flags: ['-msimd128', '-Wno-error', ...folders.flatMap((folder) => ['-idirafter', folder])],
  });
}

/** The paths of a folder's headers, from where the folder's own starts. */
export async function headersIn(folder) {
  const names = await readdir(path.resolve(root, folder));
  return names
    .filter((name) => name.endsWith('.h'))
    .sort()
    .map((name) => `${folder}/${name}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.stderr.write(await compileFiles(process.argv.slice(2)));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
