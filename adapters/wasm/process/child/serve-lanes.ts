import { type Backend, type BackendEvent, Refused } from '../../../../src/domain/backend.js';
import { Call, type Stop } from '../../../../src/domain/call.js';
import { Failed } from '../../../../src/domain/failure.js';
import type { HostAnswer } from '../../host-call.js';
import { clockOffset } from '../../messages.js';
import { startLanes } from '../../parent/lanes.js';
import { FROM_PROCESS, readCallDetail } from '../frames.js';
import type { FrameWriter } from '../frame-writer.js';
import type { Opening } from '../opening.js';
import { PendingAsks } from './pending-asks.js';

/** What a gateway does with a process of lanes, once it has opened it; calls come after it was told `ready`. */
export interface Serving {
  call(number: number, detail: number, deadline: number, input: Uint8Array): void;
  stop(number: number, cause: Stop): void;
  answer(number: number, answer: HostAnswer): void;
}

interface Surroundings {
  readonly writer: FrameWriter;
  readonly note: number;
  /** What could not be denied. */
  readonly missing: readonly string[];
}

/** Stands for a call of the gateway's that waits for one of these. */
const SOMEBODY = new Call({
  plugin: '',
  function: '',
  input: new Uint8Array(0),
  deadline: 0,
  requestId: '',
  role: 'primary',
});

/** Opens lanes and the one backend on them, and tells the gateway whether that went well. */
export function serveLanes(
  { spec, files, lanes: count, depth, startWithinMs }: Opening,
  { writer, note, missing }: Surroundings,
): Serving {
  const names = [...spec.functions.keys()];
  const numbers = new WeakMap<Call, number>();
  const calls = new Map<number, Call>();
  const offset = clockOffset();
  const asks = new PendingAsks(writer, (call) => numbers.get(call) ?? 0);
  const post = (kind: number, number: number, value: unknown): void =>
    writer.add({ kind, number, body: Buffer.from(JSON.stringify(value)) });

  const lanes = startLanes({
    lanes: count,
    depth,
    startWithinMs,
    answer: (request, { call, signal }) => asks.ask(request, call, signal),
    note: { file: note, numberOf: (call) => numbers.get(call) ?? 0 },
    openFile: (path) => {
      const bytes = files.get(path);
      if (bytes === undefined) return Promise.reject(new Error('it was not sent'));
      return Promise.resolve({ read: () => Promise.resolve(bytes), close: () => Promise.resolve() });
    },
  });
  const tell = (event: BackendEvent): void => {
    if (event.type !== 'state') post(FROM_PROCESS.event, 0, event);
  };
  let backend: Backend | null = null;
  lanes.open(spec, tell).then(
    (opened) => {
      backend = opened;
      post(FROM_PROCESS.ready, 0, missing);
    },
    (error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      post(FROM_PROCESS.refused, 0, error.problems);
    },
  );

  return {
    call(number, detail, deadline, input) {
      if (backend === null) throw new Error('a call came before it was ready');
      const { functionIndex, nested } = readCallDetail(detail);
      const call = new Call({
        plugin: spec.plugin,
        function: names[functionIndex] ?? '',
        input,
        deadline: deadline - offset,
        requestId: '',
        role: 'primary',
        caller: nested ? SOMEBODY : null,
      });
      numbers.set(call, number);
      calls.set(number, call);
      call.onParked = (parked) => asks.noteParked(number, parked);
      backend.call(call).then(
        ({ output }) => {
          calls.delete(number);
          writer.add({ kind: FROM_PROCESS.reply, number, body: output });
        },
        (error: unknown) => {
          if (!(error instanceof Failed)) throw error;
          calls.delete(number);
          post(FROM_PROCESS.failure, number, error.failure);
        },
      );
    },
    stop: (number, cause) => calls.get(number)?.stop(cause),
    answer: (number, answer) => asks.answer(number, answer),
  };
}
