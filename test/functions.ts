import type { PluginFunction } from '#src/domain/plugin.js';

/** A function as a manifest that says nothing about it declares it, but for what is given. */
export function functionNamed(name: string, given: Partial<PluginFunction> = {}): PluginFunction {
  return {
    name,
    effects: 'unsafe',
    input: 'application/octet-stream',
    output: 'application/octet-stream',
    timeoutMs: 10_000,
    keyHeader: 'x-banyan-key',
    compare: { as: 'bytes' },
    error: null,
    compareDigest: 'c'.repeat(64),
    noise: 0,
    redact: { pointers: [], headers: [] },
    trip: { consecutive: 5, share: { percent: 50, calls: 20, withinMs: 10_000 }, restMs: 30_000, mirror: 0 },
    fallbackReserve: 25,
    retire: { comparisons: 3_000, limit: 0.1, quietMs: 3_600_000 },
    ...given,
  };
}
