import type { JournalLimits } from './limits.js';

/** A sample on a shelf, by what decides how long it stays there. */
export interface Entry {
  /** Grows from each sample to the next, over restarts. */
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** A digest of its signature. */
  readonly signature: string;
  /** How many differences it has. */
  readonly differences: number;
  readonly bytes: number;
}

/** The samples of one function. */
export interface Shelf {
  /** Oldest first. */
  entries(): readonly Entry[];
  bytes(): number;
  /** Takes one in, and answers those that have to go for it. */
  add(entry: Entry): readonly Entry[];
  /** It takes up another number of bytes than was thought; answers those that have to go for it. */
  resize(entry: Entry, bytes: number): readonly Entry[];
  remove(entry: Entry): void;
  /** Removes the one that is missed least; null where there is none. */
  drop(): Entry | null;
}

export function createShelf({ ofFunction, ofSignature }: JournalLimits): Shelf {
  let entries: readonly Entry[] = [];
  let bytes = 0;

  const shelf: Shelf = {
    entries: () => entries,
    bytes: () => bytes,
    add(entry) {
      entries = [...entries, entry];
      bytes += entry.bytes;
      const same = entries.filter(({ signature }) => signature === entry.signature);
      const gone = same.length > ofSignature + 1 ? [dispensable(same)] : [];
      for (const each of gone) shelf.remove(each);
      return [...gone, ...fit()];
    },
    resize(entry, size) {
      const at = entries.findIndex(({ number }) => number === entry.number);
      if (at < 0) return [];
      entries = entries.with(at, { ...entry, bytes: size });
      bytes += size - entry.bytes;
      return fit();
    },
    remove({ number }) {
      const there = entries.find((entry) => entry.number === number);
      if (there === undefined) return;
      bytes -= there.bytes;
      entries = entries.filter((entry) => entry !== there);
    },
    drop() {
      const crowd = largestCrowd(entries);
      if (crowd.length === 0) return null;
      const entry = dispensable(crowd);
      shelf.remove(entry);
      return entry;
    },
  };
  return shelf;

  function fit(): Entry[] {
    const gone: Entry[] = [];
    while (entries.length > ofFunction.count || bytes > ofFunction.bytes) {
      const entry = shelf.drop();
      if (entry === null) break;
      gone.push(entry);
    }
    return gone;
  }
}

/** Of samples of one signature the oldest, unless it has the most differences. */
function dispensable(same: readonly Entry[]): Entry {
  const most = same.reduce((one, other) => (other.differences >= one.differences ? other : one));
  return same.find((entry) => entry !== most) ?? most;
}

/** The signature with most samples; of several the one that was seen last longest ago. */
function largestCrowd(entries: readonly Entry[]): readonly Entry[] {
  const crowds = new Map<string, Entry[]>();
  for (const entry of entries) {
    const crowd = crowds.get(entry.signature) ?? [];
    crowd.push(entry);
    crowds.set(entry.signature, crowd);
  }
  return [...crowds.values()].reduce<readonly Entry[]>((one, other) => {
    if (one.length !== other.length) return one.length > other.length ? one : other;
    return (one.at(-1)?.number ?? 0) < (other.at(-1)?.number ?? 0) ? one : other;
  }, []);
}
