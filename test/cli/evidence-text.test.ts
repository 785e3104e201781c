import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { evidenceText } from '#src/cli/evidence-text.js';
import type { FunctionEvidence } from '#src/domain/evidence.js';

const NONE = { primary: 0, shadow: 0, fallback: 0 };
const UNKNOWN = { estimate: null, lower: 0, upper: 100, samples: 0 };
const SINCE = '2026-11-22T10:00:00Z';

function seen(noise: FunctionEvidence['current']['noise']): FunctionEvidence {
  const current: FunctionEvidence['current'] = {
    digests: { legacy: 'a', wasm: 'b', compare: 'c' },
    since: SINCE,
    updated: SINCE,
    calls: { legacy: NONE, wasm: NONE },
    errors: { legacy: {}, wasm: {} },
    latency: { legacy: { queue: null, execution: null }, wasm: { queue: null, execution: null } },
    comparisons: { match: 0, mismatch: 0, 'legacy-failed': 0, 'wasm-failed': 0, 'both-failed': 0 },
    dropped: {},
    mismatches: { held: 0, noise: 0, unjudged: 0, groups: [], omitted: 0 },
    noise,
    bounds: { mismatches: UNKNOWN, failures: { legacy: UNKNOWN, wasm: UNKNOWN } },
    gates: [],
  };
  return { plugin: 'p', function: 'f', current, older: [] };
}

it('what noise proposes can be written into the manifest as it stands', () => {
  const ignore = ['/generatedAt', '/items/*/at', '/a, b', '/#', '/"', '/x: y', '/[0]'];
  const lines = evidenceText(seen({ runs: 3, differing: 2, groups: [], ignore, unordered: ['/items'] }));
  const proposal = lines.find((line) => line.includes('write '))?.split('; write ')[1] ?? '';
  expect(parse(proposal)).toEqual({ compare: { ignore, unordered: ['/items'] } });
});
