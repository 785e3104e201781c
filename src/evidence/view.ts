import type { BackendName } from '../domain/backend.js';
import type { Role } from '../domain/call.js';
import type { DifferenceGroup, Bounds, Evidence, EvidenceCounts, GateVerdict, Quantiles } from '../domain/evidence.js';
import type { FailureCode } from '../domain/failure.js';
import { failuresOf } from './alongside.js';
import { lowerBound, upperBound } from './gates/bernoulli.js';
import type { Tally } from './gates/bernoulli.js';
import type { Latencies } from './latencies.js';
import { BEGAN, callsOf, comparisonsOf, droppedOf, mismatchesOf, UPDATED } from './ledger.js';
import type { Ledger } from './ledger.js';
import { isNoiseGroup, noMismatches } from './mismatches.js';
import { OUTCOMES, ROLES } from './outcomes.js';

/** All that a ledger tells. Each bound by itself errs with a chance of `alpha` percent. */
export function viewOf(ledger: Ledger, gates: readonly GateVerdict[], alpha: number): Evidence {
  const { key, times, durations } = ledger;
  const seen = ledger.changes > 0 || times[UPDATED] !== 0;
  const mismatches = ledger.mismatches ?? noMismatches();
  const noise = frequentFirst([...mismatches.noise.values()]);
  const latencyOf = (backend: BackendName): Evidence['latency']['legacy'] => ({
    execution: quantilesOf(durations[backend].execution),
    queue: quantilesOf(durations[backend].queue),
  });
  return {
    digests: key.digests,
    since: seen ? isoTime(times[BEGAN]) : null,
    updated: seen ? isoTime(times[UPDATED]) : null,
    calls: callCounts(ledger),
    errors: { legacy: errorsOf(ledger, 'legacy'), wasm: errorsOf(ledger, 'wasm') },
    comparisons: comparisonsOf(ledger),
    dropped: droppedOf(ledger),
    mismatches: {
      held: mismatchesOf(ledger).hits,
      noise: mismatches.excused,
      unjudged: mismatches.unjudged,
      groups: frequentFirst([...mismatches.groups.values()]).map((group) => ({
        ...group,
        noise: isNoiseGroup(mismatches, group),
      })),
      omitted: mismatches.omitted,
    },
    noise: {
      runs: mismatches.runs,
      differing: mismatches.differing,
      groups: noise,
      // Nobody means to ignore the whole output.
      ignore: outermost(noise.filter(({ kind, place }) => kind !== 'order' && place !== '').map(({ place }) => place)),
      unordered: outermost(noise.filter(({ kind }) => kind === 'order').map(({ place }) => place)),
    },
    bounds: {
      mismatches: boundsOf(mismatchesOf(ledger), alpha),
      failures: {
        legacy: boundsOf(failuresOf(ledger.alongside, 'legacy'), alpha),
        wasm: boundsOf(failuresOf(ledger.alongside, 'wasm'), alpha),
      },
    },
    latency: { legacy: latencyOf('legacy'), wasm: latencyOf('wasm') },
    gates,
  };
}

export function callCounts(ledger: Ledger): EvidenceCounts['calls'] {
  const of = (backend: BackendName): Record<Role, number> => ({
    primary: callsOf(ledger, backend, 'primary'),
    shadow: callsOf(ledger, backend, 'shadow'),
    fallback: callsOf(ledger, backend, 'fallback'),
  });
  return { legacy: of('legacy'), wasm: of('wasm') };
}

function errorsOf(ledger: Ledger, backend: BackendName): Partial<Record<FailureCode, number>> {
  return Object.fromEntries(
    OUTCOMES.filter((outcome) => outcome !== 'ok')
      .map((code) => [code, ROLES.reduce((sum, role) => sum + callsOf(ledger, backend, role, [code]), 0)] as const)
      .filter(([, count]) => count > 0),
  );
}

function boundsOf(tally: Tally, alphaPercent: number): Bounds {
  const { samples, hits } = tally;
  const alpha = alphaPercent / 100;
  return {
    estimate: samples === 0 ? null : (100 * hits) / samples,
    lower: 100 * lowerBound(tally, alpha),
    upper: 100 * upperBound(tally, alpha),
    samples,
  };
}

function quantilesOf(latencies: Latencies | null): Quantiles | null {
  if (latencies === null) return null;
  const [p50, p90, p99, p999] = [0.5, 0.9, 0.99, 0.999].map((share) => latencies.quantile(share));
  return { samples: latencies.total(), p50: p50 ?? 0, p90: p90 ?? 0, p99: p99 ?? 0, p999: p999 ?? 0 };
}

function frequentFirst(groups: readonly DifferenceGroup[]): readonly DifferenceGroup[] {
  return [...groups].sort((a, b) => b.count - a.count);
}

/** JSON pointers once each, without those that lie within others. */
function outermost(places: readonly string[]): readonly string[] {
  const pointers = [...new Set(places)].sort();
  return pointers.filter((place) => !pointers.some((other) => place.startsWith(`${other}/`)));
}

function isoTime(ms: number | undefined): string {
  return new Date(ms ?? 0).toISOString();
}
