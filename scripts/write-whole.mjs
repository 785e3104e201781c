import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Writes `file` by way of `fill(temporary)` and a rename: whoever reads it finds it old or new, never half. */
export async function replaceWhole(file, fill) {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`);
  try {
    await fill(temporary);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

export async function writeWhole(file, bytes) {
  await replaceWhole(file, (temporary) => writeFile(temporary, bytes));
}

/** Copies `from` to `to` unless they are equal already. Answers whether it had to. */
export async function copyIfDifferent(from, to) {
  const bytes = await readFile(from);
  if (bytes.equals(await readIfThere(to))) return false;
  await writeWhole(to, bytes);
  return true;
}

/** A file's bytes; none where there is no file. */
export async function readIfThere(file) {
  try {
    return await readFile(file);
  } catch (error) {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
