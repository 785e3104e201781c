import { createHash } from 'node:crypto';
import type { CompareRule } from '../domain/comparison.js';
import type { PluginFunction } from '../domain/plugin.js';
import type { ManifestFile } from '../schema/manifest.js';

type Written = ManifestFile['functions'][string];

/** A function as the domain knows it. */
export function functionOf(name: string, written: Written): PluginFunction {
  const { effects, input, output, timeout, key, redact, trip, fallback, retire } = written;
  const compare = compareRuleOf(written.compare);
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
    compareDigest: createHash('sha256')
      .update(JSON.stringify([compare, error]))
      .digest('hex'),
    noise: written.compare.noise,
    redact,
    trip,
    fallbackReserve: fallback.reserve,
    retire,
  };
}

function compareRuleOf(written: Written['compare']): CompareRule {
  switch (written.as) {
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
