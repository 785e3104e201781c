import { createHash } from 'node:crypto';
import type { Artefact } from '../domain/artefact.js';
import type { CompareRule, ReplyError } from '../domain/comparison.js';
import type { PluginFunction } from '../domain/plugin.js';
import type { ManifestFile } from '../schema/manifest.js';

type Written = ManifestFile['functions'][string];

/** A function as the domain knows it; `comparer` is the module that its manifest names to compare by. */
export function functionOf(name: string, written: Written, comparer?: Artefact): PluginFunction {
  const { effects, input, output, timeout, key, redact, trip, fallback, retire } = written;
  const compare = compareRuleOf(written.compare, comparer);
  const error = written.error ?? null;
  return {
    name,
    effects,
    input,
    output,
    timeoutMs: timeout,
    keyHeader: key.header,
    compare,
    error,
    compareDigest: digestOf(compare, error),
    noise: written.compare.noise,
    redact,
    trip,
    fallbackReserve: fallback.reserve,
    retire,
  };
}

/** Where a module lies does not count: what it is does. */
function digestOf(compare: CompareRule, error: ReplyError | null): string {
  const rule = compare.as === 'module' ? { as: compare.as, sha256: compare.module.sha256 } : compare;
  return createHash('sha256')
    .update(JSON.stringify([rule, error]))
    .digest('hex');
}

function compareRuleOf(written: Written['compare'], comparer: Artefact | undefined): CompareRule {
  if (comparer !== undefined) return { as: 'module', module: comparer };
  switch (written.as) {
    case undefined:
    case 'bytes':
      return { as: 'bytes' };
    case 'text': {
      const { lineEnds = 'any', trailingSpace = 'any', unicode = null } = written;
      return { as: 'text', lineEnds, trailingSpace, unicode };
    }
    case 'json': {
      const { ignore = [], unordered = [], tolerance = { absolute: 0, relative: 0 } } = written;
      return { as: 'json', ignore, unordered, tolerance };
    }
    default:
      return written.as satisfies never;
  }
}
