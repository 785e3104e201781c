import type { LiveFunction } from '../domain/generation.js';
import { emptyLedger, keyOf, textOf, UPDATED } from './ledger.js';
import type { Ledger, LedgerKey } from './ledger.js';

/** Ledgers of a function besides the newest. */
export const KEPT_PER_FUNCTION = 20;
/** Ledgers in all, but for those that this process has counted into: some 90 MiB as a rule. */
export const KEPT = 2_000;

/** Every ledger there is, in memory. */
export interface Shelf {
  /** The one of what is live, made where there is none. One look-up in all but the first call of a generation. */
  of(live: LiveFunction): Ledger;
  /** The same, but null where there is none. */
  find(live: LiveFunction): Ledger | null;
  /** All of a function, the one that changed last in front. */
  allOf(live: LiveFunction): readonly Ledger[];
  all(): readonly Ledger[];
}

interface ShelfOptions {
  readonly ledgers: readonly Ledger[];
  readonly now: () => number;
  /** Told of each that has to make room. */
  readonly onDrop: (ledger: Ledger) => void;
}

export function createShelf({ ledgers, now, onDrop }: ShelfOptions): Shelf {
  const functions = new Map<string, Map<string, Ledger>>();
  /** From the disk, and not looked at since, the stalest first. */
  const untouched = new Set<Ledger>();
  let seen = new WeakMap<LiveFunction, Ledger>();
  let kept = 0;

  function add(ledger: Ledger): void {
    const name = nameOf(ledger.key);
    const siblings = functions.get(name) ?? new Map<string, Ledger>();
    functions.set(name, siblings.set(textOf(ledger.key.digests), ledger));
    kept += 1;
    if (siblings.size > KEPT_PER_FUNCTION + 1) drop(stalest([...siblings.values()], ledger));
    const [oldest] = untouched;
    if (kept > KEPT && oldest !== undefined) drop(oldest);
  }

  function drop(ledger: Ledger): void {
    const name = nameOf(ledger.key);
    const siblings = functions.get(name);
    siblings?.delete(textOf(ledger.key.digests));
    if (siblings?.size === 0) functions.delete(name);
    kept -= 1;
    untouched.delete(ledger);
    // A call of an earlier generation may still be about to count into it.
    seen = new WeakMap();
    onDrop(ledger);
  }

  function find(live: LiveFunction): Ledger | null {
    const key = keyOf(live);
    return functions.get(nameOf(key))?.get(textOf(key.digests)) ?? null;
  }

  function firstSight(live: LiveFunction): Ledger {
    let ledger = find(live);
    if (ledger === null) {
      ledger = emptyLedger(keyOf(live), now());
      add(ledger);
    }
    untouched.delete(ledger);
    seen.set(live, ledger);
    return ledger;
  }

  for (const ledger of [...ledgers].sort((a, b) => updated(a) - updated(b))) {
    untouched.add(ledger);
    add(ledger);
  }

  return {
    of: (live) => seen.get(live) ?? firstSight(live),
    find,
    allOf: (live) => [...(functions.get(nameOf(keyOf(live)))?.values() ?? [])].sort((a, b) => updated(b) - updated(a)),
    all: () => [...functions.values()].flatMap((siblings) => [...siblings.values()]),
  };
}

function nameOf(key: LedgerKey): string {
  return `${key.plugin}/${key.function}`;
}

function stalest(ledgers: readonly Ledger[], but: Ledger): Ledger {
  return ledgers
    .filter((ledger) => ledger !== but)
    .reduce((oldest, ledger) => (updated(ledger) < updated(oldest) ? ledger : oldest));
}

function updated(ledger: Ledger): number {
  return ledger.times[UPDATED] ?? 0;
}
