import { setTimeout as pause } from 'node:timers/promises';
import type { BackendName } from '../domain/backend.js';
import type { Ended } from '../domain/comparison.js';
import type { Failure } from '../domain/failure.js';

type Call = (functionName: string, input: Uint8Array) => Promise<Ended>;

/** A plugin's side as it is opened: it refuses calls while it rests, restarts or is full. */
export interface Side {
  readonly name: BackendName;
  /** Calls that it takes at once. */
  readonly window: number;
  readonly call: Call;
}

/** How long a side may be gone before the run is given up. Milliseconds; longer than a backend's rest by default. */
const PATIENCE = 60_000;
const LONGEST_PAUSE = 1_000;
/** Calls in a row that went well before one more is made at once, after there were too many. */
const REGROW_AFTER = 64;

/** Thrown when a side does not come back. */
export class GaveUp extends Error {
  override readonly name = 'GaveUp';
}

/**
 * Makes no more calls at once than the side takes, and makes again those that it never began: whatever comes back is
 * the function's own doing. Rejects with {@link GaveUp}.
 */
export function patient({ name, window, call }: Side, patienceMs = PATIENCE): Call {
  let room = window;
  let inside = 0;
  let well = 0;
  /** Once one call has waited long enough, the others need not wait as long. */
  let gone: GaveUp | null = null;
  const waiting: (() => void)[] = [];

  async function once(functionName: string, input: Uint8Array): Promise<Ended> {
    if (inside >= room) await new Promise<void>((resolve) => waiting.push(resolve));
    else inside += 1;
    try {
      return await call(functionName, input);
    } finally {
      leave();
    }
  }

  /** Whoever waits gets the place itself, so that nobody overtakes it. */
  function leave(): void {
    inside -= 1;
    while (inside < room && waiting.length > 0) {
      inside += 1;
      waiting.shift()?.();
    }
  }

  function adapt(neverBegun: Failure | null): void {
    if (neverBegun === null) {
      well += 1;
      if (well % REGROW_AFTER === 0 && room < window) room += 1;
    } else if (neverBegun.code === 'timeout') {
      // Slow calls: those behind them ran out of time in the line.
      room = Math.max(1, room >> 1);
      well = 0;
    }
  }

  async function again(functionName: string, input: Uint8Array, first: Failure): Promise<Ended> {
    const until = performance.now() + patienceMs;
    for (let failure: Failure = first; ;) {
      if (performance.now() > until) gone ??= new GaveUp(`the ${name} backend does not come back: ${failure.detail}`);
      if (gone !== null) throw gone;
      await pause('retryAfterMs' in failure ? Math.min(failure.retryAfterMs, LONGEST_PAUSE) : 0);
      const ended = await once(functionName, input);
      const neverBegun = whyNotBegun(ended);
      adapt(neverBegun);
      if (neverBegun === null) return ended;
      failure = neverBegun;
    }
  }

  return async (functionName, input) => {
    const ended = await once(functionName, input);
    const neverBegun = whyNotBegun(ended);
    adapt(neverBegun);
    return neverBegun === null ? ended : await again(functionName, input, neverBegun);
  };
}

function whyNotBegun(ended: Ended): Failure | null {
  if (!('code' in ended)) return null;
  switch (ended.code) {
    case 'overloaded':
    case 'unavailable':
      return ended;
    case 'timeout':
    case 'cancelled':
      return ended.begun ? null : ended;
    default:
      return null;
  }
}
