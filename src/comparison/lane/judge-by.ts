import { z } from 'zod';
import type { Comparison, Ended, ReplyError } from '../../domain/comparison.js';
import { compareBytes } from '../compare-bytes.js';
import { hasFailed } from '../error-reply.js';
import { cut } from '../excerpt.js';
import { LISTED, only, SAME, type Differences } from '../found.js';
import { bothEnded, oneFailed } from '../judge.js';
import type { Comparer, SideSeen } from './load-comparer.js';
import { Unusable } from './unusable.js';

const excerpt = z
  .string()
  .transform((text) => cut(text))
  .nullable()
  .default(null);

const listed = z.object({
  pointer: z.string().regex(/^(\/([^~/]|~[01])*)*$/),
  kind: z.enum(['value', 'type', 'missing', 'extra', 'order', 'length']),
  legacy: excerpt,
  wasm: excerpt,
});

/** Compares by a module: also errors, which it may find to be the same. Rejects with what it throws, or {@link Unusable}. */
export async function judgeBy(
  comparer: Comparer,
  error: ReplyError | null,
  legacy: Ended,
  wasm: Ended,
): Promise<Comparison> {
  const failed = { legacy: hasFailed(error, legacy), wasm: hasFailed(error, wasm) };
  const found = differencesIn(await comparer(seen(legacy), seen(wasm)), legacy, wasm);
  if (failed.legacy === failed.wasm) return bothEnded(failed.legacy, found);
  return found === SAME ? { result: 'match', ...SAME } : oneFailed(failed.legacy);
}

function seen(ended: Ended): SideSeen {
  return 'code' in ended ? { code: ended.code, detail: ended.detail } : { output: ended.output };
}

function differencesIn(said: unknown, legacy: Ended, wasm: Ended): Differences {
  if (said === true) return SAME;
  if (said === false) return whereTheyDiffer(legacy, wasm);
  if (!Array.isArray(said)) throw new Unusable('it answered neither true, false nor a list of differences', show(said));
  if (said.length === 0) return SAME;
  const differences = said.slice(0, LISTED).map((each: unknown, index) => {
    const parsed = listed.safeParse(each);
    if (parsed.success) return parsed.data;
    throw new Unusable(
      `what it listed at ${index} is no difference (a pointer, a kind, and legacy and wasm as text)`,
      show(each),
    );
  });
  return { differences, omitted: said.length - differences.length };
}

function whereTheyDiffer(legacy: Ended, wasm: Ended): Differences {
  if ('output' in legacy && 'output' in wasm) {
    const found = compareBytes(legacy.output, wasm.output);
    if (found !== SAME) return found;
  }
  const tell = (ended: Ended): string => ('code' in ended ? ended.code : 'a reply');
  return only({ pointer: '', kind: 'value', legacy: tell(legacy), wasm: tell(wasm) });
}

function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return cut(String(value));
}
