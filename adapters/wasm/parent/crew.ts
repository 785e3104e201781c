import type { HostAnswer } from '../host-call.js';
import { clockOffset, type Body, type FromLane, type LaneModule, type ToLane } from '../messages.js';
import type { Slots } from '../slots.js';
import { type Lane, type LaneLimits, type LaneState, startLane } from './lane.js';

interface CrewOptions {
  readonly lanes: number;
  /** Lanes that may be added while others wait for answers. */
  readonly standIns: number;
  readonly slots: Slots;
  readonly kernel: WebAssembly.Module;
  readonly limits: LaneLimits;
  readonly note: number | null;
  readonly bodies: () => readonly Body[];
  readonly message: (message: FromLane) => void;
  /** A lane has ended; `why` says how, if it did so by itself. */
  readonly ended: (lane: number, why: string) => void;
}

export interface Crew {
  open(module: LaneModule): void;
  close(id: number): void;
  tell(message: ToLane): void;
  /** The call of a working lane waits for an answer. False where no other lane can work meanwhile: then it keeps its place. */
  wait(lane: number): boolean;
  /** Gives a lane that `wait` said true for its answer. */
  resume(lane: number): void;
  /** Gives one lane its answer. */
  answer(lane: number, answer: HostAnswer): void;
  /** Stops a lane; a spare one takes its place at once. */
  replace(lane: number): void;
  /** Stops all of them; resolves once their threads have ended. */
  end(): Promise<void>;
}

/** A lane that ends sooner than this after its start is not replaced at once: it may be the machine. Milliseconds. */
const TOO_SOON = 1_000;
const PAUSE = 250;

/** Spares besides the first one end when nobody has needed them for so long. Milliseconds. */
const SPARE_FOR = 30_000;

/**
 * The lanes of the process: so many work, others wait for what their calls have asked for, and one spare waits, warm,
 * for a place. A lane whose call waits gives its place up, so that calls that it waits for find a lane.
 */
export function makeCrew(options: CrewOptions): Crew {
  const modules = new Map<number, LaneModule>();
  const lanes = new Map<number, Lane>();
  const offset = clockOffset();
  let latest = 0;
  let ending = false;

  /** One of them is the spare, which has not made anything yet. */
  const divide = (): void => options.limits.budget.divideAmong(lanes.size - 1);

  const add = (): Lane => {
    const lane = startLane(
      {
        lane: latest++,
        slots: options.slots.buffer,
        slotCount: options.slots.count,
        clockOffset: offset,
        kernel: options.kernel,
        modules: [...modules.values()],
        bodies: options.bodies(),
        note: options.note,
      },
      options.limits,
      { message: options.message, ended: onEnded },
    );
    lanes.set(lane.id, lane);
    divide();
    return lane;
  };

  const inState = (state: LaneState['state']): Lane[] =>
    [...lanes.values()].filter((lane) => lane.state().state === state);

  const most = options.lanes + 1 + options.standIns;

  /** A lane that can take a place; null when there are as many as there may be, and none is spare. */
  const findSpare = (): Lane | null => {
    const spares = inState('spare');
    const idle = spares.find((lane) => lane.isIdle());
    return idle ?? (lanes.size < most ? add() : (spares[0] ?? null));
  };

  /** Brings the lanes to their number, and one spare. */
  const fill = (): void => {
    if (ending) return;
    for (let missing = options.lanes - inState('working').length; missing > 0; missing--) findSpare()?.activate();
    if (inState('spare').length === 0 && lanes.size < most) add();
  };

  let trimming: NodeJS.Timeout | null = null;
  const trim = (): void => {
    trimming = null;
    const [, ...more] = inState('spare');
    const unneeded = more.filter((lane) => {
      const state = lane.state();
      return state.state === 'spare' && lane.isIdle() && performance.now() - state.since >= SPARE_FOR;
    });
    for (const lane of unneeded) void lane.end();
    if (more.length > unneeded.length) trimLater();
  };
  const trimLater = (): void => {
    trimming ??= setTimeout(trim, SPARE_FOR).unref();
  };

  const onEnded = (lane: Lane, why: string): void => {
    lanes.delete(lane.id);
    divide();
    options.ended(lane.id, why);
    if (performance.now() - lane.startedAt < TOO_SOON) setTimeout(fill, PAUSE);
    else fill();
  };

  fill();
  return {
    open(module) {
      modules.set(module.id, module);
      this.tell({ type: 'open', module });
    },
    close(id) {
      modules.delete(id);
      this.tell({ type: 'close', id });
    },
    tell(message) {
      for (const lane of lanes.values()) lane.tell(message);
    },
    wait(id) {
      const lane = lanes.get(id);
      if (lane === undefined) return false;
      if (lane.state().state === 'working') {
        const standIn = findSpare();
        if (standIn === null) return false;
        standIn.activate();
      }
      lane.wait();
      fill();
      return true;
    },
    resume(id) {
      const lane = lanes.get(id);
      lane?.resume();
      if (inState('working').length <= options.lanes) return;
      lane?.rest();
      trimLater();
    },
    answer(id, answer) {
      lanes.get(id)?.tell({ type: 'answer', answer });
    },
    replace(id) {
      void lanes.get(id)?.end();
      fill();
    },
    async end() {
      ending = true;
      if (trimming !== null) clearTimeout(trimming);
      await Promise.all([...lanes.values()].map((lane) => lane.end()));
    },
  };
}
