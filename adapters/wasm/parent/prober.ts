import { Call } from '../../../src/domain/call.js';
import type { FromLane, LaneModule } from '../messages.js';
import { makeSlots, PROBE } from '../slots.js';
import { Asks } from './asks.js';
import { makeBodies } from './bodies.js';
import { Calls } from './calls.js';
import { type Lane, type LaneLimits, startLane } from './lane.js';
import type { Target } from './slot.js';

/** One probe that is to be made. */
export interface Probe {
  readonly module: LaneModule;
  readonly target: Target;
}

/** A lane that makes instances to see whether they start, and runs no calls. */
export interface Prober {
  canProbe(): boolean;
  /** Makes an instance and lets go of it. Rejects with Failed: a start that traps or does not end, or `unavailable`. */
  probe(probe: Probe): Promise<void>;
  end(): Promise<void>;
}

interface ProberOptions {
  readonly id: number;
  readonly kernel: WebAssembly.Module;
  readonly limits: LaneLimits;
  readonly clockOffset: number;
  readonly startWithinMs: number;
  readonly logged: (message: Extract<FromLane, { readonly type: 'log' }>) => void;
  readonly ended: () => void;
}

export function startProber({ id, kernel, limits, clockOffset, startWithinMs, logged, ended }: ProberOptions): Prober {
  const slots = makeSlots(1);
  // A probe has no input: none of these is ever taken.
  const bodies = makeBodies(() => undefined);
  // A start may ask for something, too; while it waits for the answer, nobody waits for this lane.
  const asks = new Asks(slots, {
    wait: () => true,
    resume: () => undefined,
    answer: (_lane, answer) => lane.tell({ type: 'answer', answer }),
  });
  const calls = new Calls({ slots, bodies, asks, markOf: () => 0, replaceLane: () => void lane.end() });
  const lane: Lane = startLane(
    { lane: id, slots: slots.buffer, slotCount: 1, clockOffset, kernel, modules: [], bodies: [], note: null },
    limits,
    {
      message(from) {
        if (typeof from === 'number') calls.collect();
        else if (from.type === 'ask') calls.ask(from.slot, from.request);
        else if (from.type === 'log') logged(from);
      },
      ended(_lane, why) {
        calls.laneEnded(id, why);
        // No other lane takes what this one had not begun.
        calls.close();
        ended();
      },
    },
  );
  lane.activate();

  const make = (target: Target, plugin: string, withinMs: number): Promise<unknown> => {
    const input = new Uint8Array(0);
    const deadline = performance.now() + withinMs;
    const call = new Call({ plugin, function: '', input, deadline, requestId: '', role: 'primary' });
    const late = withinMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => call.stop('timeout'), withinMs);
    return calls.run(target, PROBE, call).finally(() => clearTimeout(late));
  };

  // The answer that there is no such backend: the thread is up, and no module is to blame for how long that took.
  const up = make(NOBODY, '', Number.POSITIVE_INFINITY).catch(() => undefined);

  return {
    canProbe: () => lane.state().state === 'working',
    async probe({ module, target }) {
      await up;
      lane.tell({ type: 'open', module });
      try {
        await make(target, module.plugin, startWithinMs);
      } finally {
        lane.tell({ type: 'close', id: module.id });
      }
    },
    end: () => lane.end(),
  };
}

const NOBODY: Target = {
  id: 0,
  outputLimit: 0,
  report: () => undefined,
  answer: () => Promise.resolve({ kind: 'given-up' }),
  turn: 0,
};
