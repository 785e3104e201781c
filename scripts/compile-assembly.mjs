import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { versionOf } from './tool-version.mjs';
import { writeWhole } from './write-whole.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Compiles AssemblyScript with its Extism PDK to a module. Paths are relative to the project's root. No host serves `env.abort`,
 * which is where a failed check goes by default: `trap` of the same source stands in for it.
 */
export async function compileAssembly({ source, output }) {
  // 100 MB of compiler: imported only when there is something to compile.
  const { default: asc } = await import('assemblyscript/asc');
  const messages = [];
  const said = { write: (text) => messages.push(text) };
  let made = null;
  const { error } = await asc.main(
    [source, '--baseDir', root, '-o', 'out.wasm', ...flags, '--use', `abort=${source.replace(/\.ts$/, '/trap')}`],
    {
      stdout: said,
      stderr: said,
      writeFile: (name, contents) => {
        if (name === 'out.wasm') made = contents;
      },
    },
  );
  if (error !== null || made === null) throw new Error(`cannot compile ${output}\n${messages.join('')}`);
  await writeWhole(path.join(root, output), made);
}

const flags = ['-O3', '--runtime', 'incremental'];

/** What a build with this compiler depends on beside its source. */
export async function assemblyCompilerVersion() {
  return [await versionOf('assemblyscript'), await versionOf('@extism/as-pdk'), ...flags].join(' ');
}
