import { BACKEND_NAMES } from '../domain/backend.js';
import type { BackendName } from '../domain/backend.js';
import { DROP_REASONS } from '../domain/mirror.js';
import type { EvidenceDocument } from '../schema/evidence-file.js';
import { Latencies } from './latencies.js';
import type { LatencyCounts } from './latencies.js';
import { droppedOf, emptyLedger } from './ledger.js';
import type { Ledger } from './ledger.js';
import { excuse, noisePlace } from './mismatches.js';
import type { Mismatches } from './mismatches.js';
import { counterOf, OUTCOMES, ROLES } from './outcomes.js';

/** A ledger as it is kept. */
export function documentOf(ledger: Ledger): EvidenceDocument {
  const { key, times, comparisons, judged, alongside, mismatches } = ledger;
  const durationsOf = (backend: BackendName): EvidenceDocument['durations']['legacy'] => ({
    execution: pairsOf(ledger.durations[backend].execution),
    queue: pairsOf(ledger.durations[backend].queue),
    alongside: pairsOf(alongside.durations[backend]),
  });
  return {
    format: 'banyan/evidence',
    version: 1,
    ...key,
    times: [...times],
    calls: callsOf(ledger),
    trials: [...alongside.trials],
    comparisons: [...comparisons],
    dropped: droppedOf(ledger),
    judged: [...judged],
    durations: { legacy: durationsOf('legacy'), wasm: durationsOf('wasm') },
    mismatches: mismatches === null ? null : keptMismatches(mismatches),
  };
}

/**
 * The ledger that was kept so. Where it is from before gates read the calls of the same times alone, they read the failures
 * that they read then, and latencies anew: those of other times cannot be told apart any more.
 */
export function ledgerOf(document: EvidenceDocument): Ledger {
  const { plugin, function: functionName, digests } = document;
  const ledger = emptyLedger({ plugin, function: functionName, digests }, 0);
  ledger.times.set(document.times);
  ledger.alongside.trials.set(document.trials);
  ledger.comparisons.set(document.comparisons);
  ledger.dropped.set(DROP_REASONS.map((reason) => document.dropped[reason] ?? 0));
  ledger.judged.set(document.judged);
  for (const { backend, role, outcome, count } of document.calls) {
    const known = OUTCOMES.find((each) => each === outcome);
    if (known !== undefined) ledger.calls[counterOf(backend, role, known)] = count;
  }
  for (const backend of BACKEND_NAMES) {
    ledger.durations[backend].execution = latenciesOf(document.durations[backend].execution);
    ledger.durations[backend].queue = latenciesOf(document.durations[backend].queue);
    ledger.alongside.durations[backend] = latenciesOf(document.durations[backend].alongside);
  }
  ledger.mismatches = document.mismatches === null ? null : mismatchesOf(document.mismatches);
  return ledger;
}

function callsOf({ calls }: Ledger): EvidenceDocument['calls'] {
  return BACKEND_NAMES.flatMap((backend) =>
    ROLES.flatMap((role) =>
      OUTCOMES.map((outcome) => ({ backend, role, outcome, count: calls[counterOf(backend, role, outcome)] ?? 0 })),
    ),
  ).filter(({ count }) => count > 0);
}

function pairsOf(latencies: Latencies | null): [number, number][] | null {
  return latencies?.counts().map(([bucket, count]) => [bucket, count]) ?? null;
}

function latenciesOf(counts: LatencyCounts | null): Latencies | null {
  if (counts === null) return null;
  const latencies = new Latencies();
  latencies.add(counts);
  return latencies;
}

function keptMismatches(mismatches: Mismatches): NonNullable<EvidenceDocument['mismatches']> {
  const { groups, omitted, signatures, settled, noise, runs, differing } = mismatches;
  return {
    groups: [...groups.values()],
    omitted,
    signatures: [...signatures.values()].map(({ places, count }) => ({ places: [...places], count })),
    settled,
    noise: [...noise.values()],
    runs,
    differing,
  };
}

function mismatchesOf(kept: NonNullable<EvidenceDocument['mismatches']>): Mismatches {
  const mismatches = {
    ...kept,
    groups: new Map(kept.groups.map((group) => [`${group.kind} ${group.place}`, group])),
    signatures: new Map(kept.signatures.map((signature) => [JSON.stringify(signature.places), signature])),
    noise: new Map(kept.noise.map((group) => [noisePlace(group.place, group.kind), group])),
    excused: 0,
    unjudged: 0,
  };
  excuse(mismatches);
  return mismatches;
}
