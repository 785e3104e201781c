import { clockOffset, type Body, type FromLane, type LaneModule, type ToLane } from '../messages.js';
import type { Slots } from '../slots.js';
import { type Lane, startLane } from './lane.js';

interface CrewOptions {
  readonly lanes: number;
  readonly slots: Slots;
  readonly kernel: WebAssembly.Module;
  readonly instances: number;
  readonly heapMiB: number;
  readonly bodies: () => readonly Body[];
  readonly message: (message: FromLane) => void;
  /** A lane has ended; `why` says how, if it did so by itself. */
  readonly ended: (lane: number, why: string) => void;
}

export interface Crew {
  open(module: LaneModule): void;
  close(id: number): void;
  tell(message: ToLane): void;
  /** Stops a lane; a spare one takes its place at once. */
  replace(lane: number): void;
  /** Stops all of them; resolves once their threads have ended. */
  end(): Promise<void>;
}

/** A lane that ends sooner than this after its start is not replaced at once: it may be the machine. Milliseconds. */
const TOO_SOON = 1_000;
const PAUSE = 250;

/** The lanes of the process, and one spare that waits, warm, for one of them to end. */
export function makeCrew(options: CrewOptions): Crew {
  const modules = new Map<number, LaneModule>();
  const lanes = new Map<number, Lane>();
  const offset = clockOffset();
  let latest = 0;
  let ending = false;

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
        instances: options.instances,
      },
      options.heapMiB,
      { message: options.message, ended: onEnded },
    );
    lanes.set(lane.id, lane);
    return lane;
  };

  /** Brings the lanes to their number, and one spare. */
  const fill = (): void => {
    if (ending) return;
    const inState = (state: string): Lane[] => [...lanes.values()].filter((lane) => lane.state().state === state);
    for (let missing = options.lanes - inState('working').length; missing > 0; missing--)
      (inState('spare')[0] ?? add()).activate();
    if (inState('spare').length === 0) add();
  };

  const onEnded = (lane: Lane, why: string): void => {
    lanes.delete(lane.id);
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
    replace(id) {
      void lanes.get(id)?.end();
      fill();
    },
    async end() {
      ending = true;
      await Promise.all([...lanes.values()].map((lane) => lane.end()));
    },
  };
}
