import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { versionOf } from './tool-version.mjs';
import { writeWhole } from './write-whole.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Assembles a module written in the text format. Paths are relative to the project's root. */
export async function compileText({ source, output }) {
  const { default: loadWabt } = await import('wabt');
  const wabt = await loadWabt();
  const module = wabt.parseWat(source, await readFile(path.join(root, source)));
  try {
    module.resolveNames();
    module.validate();
    await writeWhole(path.join(root, output), module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}

/** What a build with this assembler depends on beside its source. */
export function textCompilerVersion() {
  return versionOf('wabt');
}
