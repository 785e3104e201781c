import type { NativeSettings } from './settings.js';
import { type Blank, startBlank } from './blank.js';
import { keyOf, type Profile } from './launch/profile.js';

/** The first calls after a crash come before the start of another process, which takes the gateway's thread for milliseconds. */
const SETTLED_MS = 25;

/** After a spare died by itself, so long passes until the next one is started; longer each time. */
const RETRY_MS = { first: 1_000, most: 60_000 };

interface Kept {
  readonly profile: Profile;
  holders: number;
  spare: Blank | null;
  failures: number;
  retry: NodeJS.Timeout | undefined;
}

/**
 * Warm spares: of each profile that somebody holds, one process that is started, and knows no library yet. Whoever takes
 * it need not wait for a start, and since any plugin of that profile may, memory does not double.
 */
export class Spares {
  readonly #settings: NativeSettings;
  readonly #kept = new Map<string, Kept>();

  constructor(settings: NativeSettings) {
    this.#settings = settings;
  }

  /** A process of this profile; the spare, if there is one. Throws where no process can be started. */
  take(profile: Profile): Blank {
    const kept = this.#kept.get(keyOf(profile));
    const spare = kept?.spare ?? null;
    if (kept !== undefined) kept.spare = null;
    return spare?.keepFor(null) ?? startBlank(profile, this.#settings);
  }

  /** What was taken is of use by now: another spare may be started without being in its way. */
  refill(profile: Profile): void {
    const kept = this.#kept.get(keyOf(profile));
    if (kept !== undefined) setTimeout(() => this.#keepOne(kept), SETTLED_MS).unref();
  }

  /** Keeps a spare of this profile until the answered function is called. */
  hold(profile: Profile): () => void {
    const key = keyOf(profile);
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      kept = { profile, holders: 0, spare: null, failures: 0, retry: undefined };
      this.#kept.set(key, kept);
    }
    const held = kept;
    held.holders += 1;
    this.refill(profile);
    return () => {
      held.holders -= 1;
      if (held.holders > 0) return;
      this.#kept.delete(key);
      clearTimeout(held.retry);
      held.spare?.keepFor(null).discard();
      held.spare = null;
    };
  }

  #keepOne(kept: Kept): void {
    if (!this.#settings.spares || kept.holders === 0 || kept.spare !== null) return;
    clearTimeout(kept.retry);
    try {
      const spare = startBlank(kept.profile, this.#settings);
      const startedAt = this.#settings.now();
      kept.spare = spare.keepFor(() => {
        spare.discard();
        // One that has lived was no failure.
        if (this.#settings.now() - startedAt > RETRY_MS.most) kept.failures = 0;
        kept.spare = null;
        this.#tryLater(kept);
      });
    } catch {
      this.#tryLater(kept);
    }
  }

  /** What ails it will be told by a child that is really needed: a spare that cannot be had is no failure yet. */
  #tryLater(kept: Kept): void {
    const wait = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** kept.failures);
    kept.failures += 1;
    kept.retry = setTimeout(() => this.#keepOne(kept), wait);
    kept.retry.unref();
  }
}
