import { setImmediate } from 'node:timers/promises';
import type { Evidence, EvidencePort, FunctionEvidence, GateRules, GateVerdict } from '../domain/evidence.js';
import { DEFAULT_GATES } from '../domain/evidence.js';
import type { LiveFunction } from '../domain/generation.js';
import { countAlongside, endSlice, failuresOf } from './alongside.js';
import { ledgerFiles } from './files.js';
import type { Warn } from './files.js';
import { judge } from './gates/judge.js';
import type { Seen } from './gates/judge.js';
import {
  ANSWERED,
  comparisonsOf,
  countCall,
  countCompared,
  countDropped,
  droppedOf,
  emptyLedger,
  endedBy,
  hasRun,
  keyOf,
  mismatchesOf,
  pairsOf,
  touch,
} from './ledger.js';
import type { Ledger } from './ledger.js';
import { noMismatches, noteNoise } from './mismatches.js';
import { missingProof, PROOF_ALPHA } from './proof.js';
import { createSaver } from './saver.js';
import { createShelf } from './shelf.js';
import { callCounts, viewOf } from './view.js';

/** So much is lost when the process is killed, and what gates had not read yet of slices that had not ended. */
const SAVE_EVERY_MS = 5_000;

export interface EvidenceOptions {
  /** This process's own. */
  readonly folder: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
  /** Told of files that could not be read or written. */
  readonly warn: Warn;
}

export interface EvidenceBook extends EvidencePort {
  /** Resolves when everything counted so far is written; happens by itself every 5 seconds. */
  save(): Promise<void>;
  /** Saves for the last time. */
  close(): Promise<void>;
}

/** Opens the evidence of a folder, which is made if need be. Rejects where it can be neither made nor read. */
export async function openEvidence({
  folder,
  now,
  random = Math.random,
  warn,
}: EvidenceOptions): Promise<EvidenceBook> {
  const files = ledgerFiles(folder, warn);
  const written = await files.read();
  const discarded: Ledger[] = [];
  const shelf = createShelf({ ledgers: written, now, onDrop: (ledger) => discarded.push(ledger) });
  const saver = createSaver({ files, all: () => shelf.all().map(settled), dropped: discarded, written, warn });
  const watchedSince = now();
  const timer = setInterval(() => void saver.save(), SAVE_EVERY_MS).unref();
  const judged = new WeakMap<Ledger, { changes: number; rules: GateRules; verdicts: readonly GateVerdict[] }>();

  /** Gates, and the disk, have what is due. */
  function settled(ledger: Ledger): Ledger {
    if (endSlice(ledger.alongside, now(), random)) ledger.changes += 1;
    return ledger;
  }

  /** What has never been called has none, and gets none by being looked at. */
  function look(live: LiveFunction): Ledger {
    return settled(shelf.find(live) ?? emptyLedger(keyOf(live), 0));
  }

  function verdicts(ledger: Ledger, live: LiveFunction, rules: GateRules): readonly GateVerdict[] {
    const known = judged.get(ledger);
    if (known?.changes === ledger.changes && known.rules === rules) return known.verdicts;
    const verdicts = judge(seenOf(ledger, live), rules);
    judged.set(ledger, { changes: ledger.changes, rules, verdicts });
    return verdicts;
  }

  function legacyAnsweredAt(live: LiveFunction): number | null {
    const times = shelf.allOf(live).map(({ times }) => times[ANSWERED] ?? 0);
    const latest = Math.max(0, ...times);
    return latest === 0 ? null : latest;
  }

  return {
    observe(observation, live) {
      const ledger = shelf.of(live);
      const at = now();
      endSlice(ledger.alongside, at, random);
      countCall(ledger, observation, at);
      countAlongside(ledger.alongside, observation, live.spec.timeoutMs, at);
    },
    compared(compared) {
      countCompared(shelf.of(compared.live), compared, now());
    },
    noise({ live, differences }) {
      const ledger = shelf.of(live);
      noteNoise((ledger.mismatches ??= noMismatches()), differences);
      touch(ledger, now());
    },
    dropped(live, reason) {
      countDropped(shelf.of(live), reason, now());
    },
    counts(live) {
      const ledger = look(live);
      return {
        calls: callCounts(ledger),
        endedByWasm: endedBy(ledger, 'wasm'),
        comparisons: comparisonsOf(ledger),
        held: mismatchesOf(ledger).hits,
        legacyAnsweredAt: legacyAnsweredAt(live),
      };
    },
    gates: (live, rules) => verdicts(look(live), live, rules),
    async view(live, rules = DEFAULT_GATES): Promise<FunctionEvidence> {
      const view = (ledger: Ledger) => viewOf(ledger, verdicts(ledger, live, rules), rules.alpha);
      const current = look(live);
      const older = shelf.allOf(live).filter((ledger) => ledger !== current);
      const views: Evidence[] = [];
      for (const ledger of older) {
        views.push(view(ledger));
        await setImmediate();
      }
      return { plugin: live.plugin, function: live.spec.name, current: view(current), older: views };
    },
    proof(live, rule) {
      const ledger = look(live);
      return missingProof({
        live,
        rule,
        mismatches: seenOf(ledger, live).mismatches,
        verdicts: verdicts(ledger, live, PROOF_GATES),
        now: now(),
        watchedSince,
        legacyAnsweredAt: legacyAnsweredAt(live),
      });
    },
    save: () => saver.save(),
    close() {
      clearInterval(timer);
      return saver.save();
    },
  };
}

/** Mismatches are proved by the function's own rule. */
const PROOF_GATES: GateRules = { ...DEFAULT_GATES, mismatches: null, alpha: PROOF_ALPHA };

function seenOf(ledger: Ledger, live: LiveFunction): Seen {
  const ran = { legacy: hasRun(ledger, 'legacy'), wasm: hasRun(ledger, 'wasm') };
  return {
    mismatches: {
      compared: mismatchesOf(ledger),
      unjudged: ledger.mismatches?.unjudged ?? 0,
      uncompared: droppedOf(ledger)['comparer-failed'] ?? 0,
      comparable: live.spec.effects !== 'unsafe',
    },
    failures: {
      legacy: failuresOf(ledger.alongside, 'legacy'),
      wasm: failuresOf(ledger.alongside, 'wasm'),
      pairs: pairsOf(ledger),
      ran,
    },
    latency: { ...ledger.alongside.durations, ran },
  };
}
