import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Compared } from '../../domain/compared.js';
import type { Mismatches, MismatchJournal, MismatchSample } from '../../domain/mismatch.js';
import { journalFiles, type Owner } from './files.js';
import { JOURNAL_LIMITS, type JournalLimits } from './limits.js';
import { corpusLineOf, hold, sampleOf, type Held, type Redact } from './sample.js';
import { createShelf, type Entry, type Shelf } from './shelf.js';
import { signatureOf } from './signature.js';
import { createTally, type Tally } from './tally.js';

export interface JournalOptions {
  /** Made if it is not there. */
  readonly folder: string;
  readonly limits?: JournalLimits;
  readonly redact: Redact;
  /** Told when samples begin to get lost for the sake of the disk, and why. */
  readonly warn?: (message: string) => void;
}

/** Keeps samples of calls that did not match, on the disk within a few seconds and bounded there. */
export interface Journal extends MismatchJournal {
  /** Takes note of a call unless both sides ended alike. Neither waits nor throws; what there is no room for is only counted. */
  note(compared: Compared): void;
  /** Samples that there was no room for, or that the disk did not take. */
  lost(): number;
  /** Resolves when everything that was noted is on the disk, or lost. */
  close(): Promise<void>;
}

/** Bytes of a sample besides its bodies, about. */
const OVERHEAD = 1_024;

interface Kept extends Owner {
  readonly shelf: Shelf;
  readonly tally: Tally;
}

interface Waiting {
  readonly kept: Kept;
  readonly entry: Entry;
  readonly held: Held;
}

/** A sample that is on the disk, and is to go from there. */
interface Gone {
  readonly kept: Kept;
  readonly entry: Entry;
}

/** Opens a journal with what an earlier process has left. Rejects where the folder cannot be used. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { folder, limits = JOURNAL_LIMITS, redact, warn = () => undefined } = options;
  const files = journalFiles(folder);
  const functions = new Map<string, Kept>();
  const waiting = new Map<number, Waiting>();
  const removed: Gone[] = [];
  const recounted = new Set<Kept>();
  let waitingBytes = 0;
  let lost = 0;
  let next = 0;
  let timer: NodeJS.Timeout | null = null;
  let flushed: Promise<void> = Promise.resolve();
  let closed = false;
  /** Whether the disk failed in the latest flush, and in the one before. */
  let troubles: { readonly now: boolean; readonly before: boolean } = { now: false, before: false };

  for (const { plugin, function: name, entries, counts, others } of await files.scan()) {
    const kept = keptOf(plugin, name, createTally({ counts, others }, limits.signatures));
    for (const entry of entries) {
      removed.push(...onDisk(kept, kept.shelf.add(entry)));
      next = Math.max(next, entry.number + 1);
    }
  }
  // The limits may have been lowered.
  await flush();

  return {
    note(compared) {
      const { comparison, live } = compared;
      const { result } = comparison;
      if (closed || result === 'match' || result === 'both-failed') return;
      const kept = keptOf(live.plugin, live.spec.name);
      const signature = signatureOf(result, compared);
      kept.tally.add(signature, compared.at);
      recounted.add(kept);
      timer ??= setTimeout(() => void flush(), limits.flushMs).unref();
      const held = waiting.size < limits.waiting.count ? hold(result, compared, limits.body) : null;
      if (held === null || waitingBytes + held.bytes > limits.waiting.bytes) {
        lost++;
        return;
      }
      const entry = {
        number: next++,
        at: Math.round(compared.at),
        signature: createHash('sha256').update(signature).digest('hex').slice(0, 12),
        differences: comparison.differences.length + comparison.omitted,
        // Known when it is written.
        bytes: held.bytes + OVERHEAD,
      };
      waiting.set(entry.number, { kept, entry, held });
      waitingBytes += held.bytes;
      removed.push(...onDisk(kept, kept.shelf.add(entry)));
    },
    async read(plugin, functionName, { limit }) {
      await flush();
      return await mismatchesOf(functions.get(`${plugin}/${functionName}`), limit);
    },
    async export(plugin, functionName) {
      await flush();
      const { samples } = await mismatchesOf(functions.get(`${plugin}/${functionName}`), Number.POSITIVE_INFINITY);
      return samples.flatMap((sample) => {
        const line = corpusLineOf(sample);
        return line === null ? [] : [JSON.stringify(line)];
      });
    },
    lost: () => lost,
    close() {
      closed = true;
      return flush();
    },
  };

  function keptOf(plugin: string, functionName: string, tally?: Tally): Kept {
    const key = `${plugin}/${functionName}`;
    let kept = functions.get(key);
    if (kept === undefined) {
      const created = tally ?? createTally({ counts: [], others: 0 }, limits.signatures);
      kept = { plugin, function: functionName, shelf: createShelf(limits), tally: created };
      functions.set(key, kept);
    }
    return kept;
  }

  /** Lets go of samples that are on no shelf any more, and answers those of them that are on the disk. */
  function onDisk(kept: Kept, entries: readonly Entry[]): Gone[] {
    return entries.filter((entry) => !release(entry)).map((entry) => ({ kept, entry }));
  }

  /** Whether it was waiting, and does no longer. */
  function release({ number }: Entry): boolean {
    const one = waiting.get(number);
    if (one === undefined) return false;
    waitingBytes -= one.held.bytes;
    return waiting.delete(number);
  }

  function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    flushed = flushed.then(writeAll);
    return flushed;
  }

  async function writeAll(): Promise<void> {
    troubles = { now: false, before: troubles.now };
    const [samples, gone] = [[...waiting.values()], removed.splice(0)];
    for (const { entry } of samples) release(entry);
    for (const one of samples) {
      await attempt(async () => void gone.push(...(await write(one))), one);
      await setImmediate();
    }
    gone.push(...overLimit());
    // Only now, and not what has to go for samples that were noted meanwhile: what is on the disk stays until there is
    // something newer there.
    for (const { kept, entry } of gone) await attempt(() => files.remove(kept, entry));
    for (const kept of [...recounted]) {
      recounted.delete(kept);
      await attempt(() => files.writeCounts(kept, { counts: kept.tally.counts(), others: kept.tally.others() }));
    }
  }

  /** Answers what has to go for it. */
  async function write({ kept, entry, held }: Waiting): Promise<readonly Gone[]> {
    const text = JSON.stringify(sampleOf(held, limits.body, redact));
    await files.write(kept, entry, text);
    return onDisk(kept, kept.shelf.resize(entry, Buffer.byteLength(text)));
  }

  async function attempt(work: () => Promise<void>, sample?: Waiting): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (sample !== undefined) {
        sample.kept.shelf.remove(sample.entry);
        lost++;
      }
      if (!troubles.now && !troubles.before) {
        warn(`samples of mismatches cannot be kept: ${error instanceof Error ? error.message : String(error)}`);
      }
      troubles = { ...troubles, now: true };
    }
  }

  /** Over the limit of all functions the one that takes most gives way. */
  function overLimit(): Gone[] {
    const all = [...functions.values()];
    const gone: Gone[] = [];
    let bytes = all.reduce((sum, { shelf }) => sum + shelf.bytes(), 0);
    while (bytes > limits.bytes) {
      const largest = all.reduce((one, other) => (other.shelf.bytes() > one.shelf.bytes() ? other : one));
      const entry = largest.shelf.drop();
      if (entry === null) break;
      bytes -= entry.bytes;
      gone.push(...onDisk(largest, [entry]));
    }
    return gone;
  }

  async function mismatchesOf(kept: Kept | undefined, limit: number): Promise<Mismatches> {
    if (kept === undefined) return { samples: [], counts: [], others: 0 };
    const samples: MismatchSample[] = [];
    for (const entry of [...kept.shelf.entries()].reverse()) {
      if (samples.length >= limit) break;
      // What waits has been noted since; what is damaged, a machine that lost its power has left.
      const sample = waiting.has(entry.number) ? null : await files.read(kept, entry);
      if (sample !== null) samples.push(sample);
    }
    return { samples, counts: kept.tally.counts(), others: kept.tally.others() };
  }
}
