import { Rejected } from '../domain/control.js';
import type { RolloutTarget } from '../domain/rollout.js';
import type { RolloutBook } from './book.js';
import { nameOf } from './words.js';

export interface RolloutLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Keeps the book, now or as soon as the store can, and remembers what went wrong until it goes well. */
export interface Keeper {
  /** Resolves when everything is durable; rejects with `store-unavailable`. */
  keep(): Promise<void>;
  /** The same for what is in force whether it can be kept or not: answers why it could not, for `again` to try. */
  keepSoon(): Promise<Rejected | null>;
  /** To be called now and then: keeps what could not be, and calls that were counted since. */
  again(): Promise<void>;
  /** Calls were counted: a restart may forget half a minute of them. */
  counted(): void;
  /** A rollout could not act, for a reason that may pass; null: it could. Answers whether that is news. */
  noteTrouble(of: RolloutTarget, why: string | null): boolean;
  troubleOf(target: RolloutTarget): string | null;
}

/** How often counted calls are kept. Milliseconds. */
const COUNTS_EVERY = 30_000;

/** `steady` is a clock that is never set. */
export function createKeeper(book: RolloutBook, steady: () => number, log: RolloutLog): Keeper {
  const troubles = new Map<string, string>();
  let unkept: string | null = null;
  let countedSince: number | null = null;

  async function keep(): Promise<void> {
    await book.keep();
    countedSince = null;
    if (unkept !== null) log.info({}, 'the rollouts are kept again');
    unkept = null;
  }

  async function keepSoon(): Promise<Rejected | null> {
    try {
      await keep();
      return null;
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      if (unkept === null) log.error({ err: error }, 'the rollouts cannot be kept; a restart would go by what was');
      unkept = error.rejection.detail;
      return error;
    }
  }

  return {
    keep,
    keepSoon,
    async again() {
      if (unkept !== null || (countedSince !== null && steady() - countedSince >= COUNTS_EVERY)) await keepSoon();
    },
    counted() {
      countedSince ??= steady();
    },
    noteTrouble(of, why) {
      const name = nameOf(of);
      if (why === null) return troubles.delete(name);
      const isNew = troubles.get(name) !== why;
      if (isNew) log.error({ rollout: name, why }, 'a rollout has to wait');
      troubles.set(name, why);
      return isNew;
    },
    troubleOf: (target) => troubles.get(nameOf(target)) ?? unkept,
  };
}
