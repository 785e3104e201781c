import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readIfThere, writeWhole } from './write-whole.mjs';

/**
 * Remembers in `file` what each output was made from, by content: a checkout or a copy gives files new
 * times, and a touched file is not a changed one. Outputs and sources are relative to `root`.
 */
export async function openStamps(file, root) {
  const stamps = parse(await readIfThere(file));

  return {
    /**
     * Runs `build` unless `output` is what an earlier build made of the same sources and `recipe` (a
     * string with everything else that matters: flags, compiler). Answers whether it ran.
     */
    async refresh(output, { sources, recipe }, build) {
      const from = await digestOf(recipe, root, sources);
      const stamp = stamps[output];
      if (stamp?.from === from && stamp.made === digest(await readIfThere(path.join(root, output)))) return false;
      await build();
      stamps[output] = { from, made: digest(await readFile(path.join(root, output))) };
      await writeWhole(file, `${JSON.stringify(stamps, null, 2)}\n`);
      return true;
    },
  };
}

/** A damaged file of stamps costs a build, not more. */
function parse(bytes) {
  try {
    return JSON.parse(bytes.toString()) ?? {};
  } catch {
    return {};
  }
}

function digest(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

async function digestOf(recipe, root, sources) {
  const parts = [recipe];
  for (const source of sources) parts.push(source, digest(await readFile(path.join(root, source))));
  return digest(JSON.stringify(parts));
}
