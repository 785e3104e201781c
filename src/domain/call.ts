/** Why a backend call was made: for its caller, to compare, or to make good a failure of the other side. */
export type Role = 'primary' | 'shadow' | 'fallback';

/** Why nobody waits for a call any more. */
export type Stop = 'timeout' | 'cancelled';

interface CallOptions {
  readonly plugin: string;
  readonly function: string;
  readonly input: Uint8Array;
  readonly deadline: number;
  readonly requestId: string;
  readonly role: Role;
  readonly key?: string | null;
  readonly caller?: Call | null;
}

/**
 * One backend call. It is passed from hand to hand (dispatcher, queue, adapter); whoever holds it sets `onStop` and is
 * told once when its deadline passes or its caller hangs up. A holder that could still prevent the call from beginning
 * rejects it; one whose call has begun kills it (`timeout`) or lets it finish unheard (`cancelled`).
 */
export class Call {
  readonly plugin: string;
  readonly function: string;
  /** Read-only for everybody: a call may be run on another child or lane if it had not begun. */
  readonly input: Uint8Array;
  /** Milliseconds on the monotonic clock of this process (`performance.now()`). */
  readonly deadline: number;
  readonly requestId: string;
  readonly role: Role;
  /** The sticky key, as a byte string: calls that a plugin makes meanwhile are drawn by it too. */
  readonly key: string | null;
  /** The call in whose middle a plugin makes this one; null for one from outside. */
  readonly caller: Call | null;
  /** When the queue handed the call over to its backend, on the same clock; NaN while it waits. */
  handedOverAt = Number.NaN;
  /** The current holder's ear; one at a time, replaced when the call changes hands. */
  onStop: ((stop: Stop) => void) | null = null;
  /** The queue's ear: true when the call begins to wait for something outside its executor, false when it goes on. */
  onParked: ((parked: boolean) => void) | null = null;
  #stopped: Stop | null = null;

  constructor(options: CallOptions) {
    this.plugin = options.plugin;
    this.function = options.function;
    this.input = options.input;
    this.deadline = options.deadline;
    this.requestId = options.requestId;
    this.role = options.role;
    this.key = options.key ?? null;
    this.caller = options.caller ?? null;
  }

  /** The first cause for which the call was stopped; null while somebody waits for it. */
  get stopped(): Stop | null {
    return this.#stopped;
  }

  /** Tells the holder that nobody waits any more. The first cause wins; later ones are ignored. */
  stop(cause: Stop): void {
    if (this.#stopped !== null) return;
    this.#stopped = cause;
    this.onStop?.(cause);
  }
}
