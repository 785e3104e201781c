import type { HostAnswer, HostRequest } from '../host-call.js';
import { memoryAllowance } from '../memory-budget.js';
import type { Body, FromLane, LaneModule, LaneStart } from '../messages.js';
import {
  ACTIVE,
  ANSWERED,
  BACKEND,
  BEGUN,
  BODY,
  deadlineAt,
  DONE,
  EXPIRED,
  FUNCTION,
  INPUT_LENGTH,
  LANE,
  OUTCOME,
  OUTPUT_LENGTH,
  OVER_OUTPUT_LIMIT,
  PROBE,
  REPORTED_ERROR,
  SENT,
  type Slots,
  STATE,
  STATUS,
  TOLD,
  TRAPPED,
  UNLOADED,
  wordsAt,
} from '../slots.js';
import { CannotStart } from './cannot-start.js';
import { makeInstances } from './instances.js';
import type { Ending, PluginInstance } from './plugin-instance.js';

export interface Executor {
  /** Runs the call in a slot that this lane has begun, and leaves its outcome there. */
  execute(slot: number): void;
  open(module: LaneModule): void;
  close(id: number): void;
  addBody(body: Body): void;
  forgetBody(id: number): void;
  /** Lets go of what is no longer needed: for when no call waits. */
  tidy(): void;
  /** Leaves room to other lanes: to be called now and then, between calls. */
  share(): void;
}

interface Surroundings {
  readonly start: LaneStart;
  readonly slots: Slots;
  readonly own: Int32Array;
  readonly post: (message: FromLane, transfer?: readonly ArrayBuffer[]) => void;
  /** Asks the gateway for something for the call in a slot, and sleeps until the answer is there. */
  readonly ask: (slot: number, request: HostRequest) => HostAnswer;
  /** The gateway's clock. */
  readonly clock: () => number;
}

export function executeIn({ start, slots, own, post, ask, clock }: Surroundings): Executor {
  const { words, doubles } = slots;
  const mine = BEGUN + start.lane;
  const encoder = new TextEncoder();
  /** The slot of the present call. */
  let present = 0;
  const instances = makeInstances(start.kernel, start.modules, {
    allowance: memoryAllowance(start.budget),
    clock,
    log: (backend, line) => post({ type: 'log', backend, line }),
    ask: (request) => ask(present, request),
  });
  const bodies = new Map<number, Uint8Array>();
  const addBody = (body: Body): void => void bodies.set(body.id, new Uint8Array(body.buffer));
  start.bodies.forEach(addBody);

  const bytesOf = (slot: number): Uint8Array => {
    const body = words[wordsAt(slot) + BODY] ?? 0;
    const bytes = body === 0 ? slots.bytes[slot] : bodies.get(body);
    if (bytes === undefined) throw new Error(`the gateway named body ${body}, which this lane does not have`);
    return bytes;
  };

  /** Makes the outcome in the slot known, unless the gateway has given the call up: then this lane ends, here. */
  const conclude = (slot: number, state: number): void => {
    if (Atomics.compareExchange(words, wordsAt(slot) + STATE, mine, state) === mine) return;
    Atomics.store(own, ACTIVE, 0);
    for (;;) Atomics.wait(own, ACTIVE, 0);
  };

  const say = (slot: number, outcome: number, text: Uint8Array | string, status = 0): void => {
    const bytes = bytesOf(slot);
    const source = typeof text === 'string' ? encoder.encode(text) : text;
    const length = Math.min(source.length, bytes.length);
    bytes.set(source.subarray(0, length));
    settle(slot, outcome, length, status);
  };

  const settle = (slot: number, outcome: number, outputLength: number, status = 0): void => {
    const at = wordsAt(slot);
    words[at + OUTCOME] = outcome;
    words[at + OUTPUT_LENGTH] = outputLength;
    words[at + STATUS] = status;
    conclude(slot, DONE);
    if (Atomics.exchange(own, TOLD, 1) === 0) post(0);
  };

  const answer = (slot: number, output: Uint8Array): void => {
    const bytes = bytesOf(slot);
    if (output.length <= bytes.length) {
      bytes.set(output);
      settle(slot, ANSWERED, output.length);
      return;
    }
    const copy = output.slice();
    words[wordsAt(slot) + OUTCOME] = ANSWERED;
    words[wordsAt(slot) + LANE] = start.lane;
    conclude(slot, SENT);
    post({ type: 'output', slot, output: copy }, [copy.buffer]);
  };

  const run = (slot: number, backend: number, instance: PluginInstance): void => {
    const at = wordsAt(slot);
    const functionIndex = words[at + FUNCTION] ?? 0;
    if (functionIndex === PROBE) {
      // It could be made: it is for no call, and what it holds open is let go of before anybody hears of it.
      instances.discard(backend);
      settle(slot, ANSWERED, 0);
      return;
    }
    const ending: Ending = instance.run(functionIndex, bytesOf(slot), words[at + INPUT_LENGTH] ?? 0);
    switch (ending.kind) {
      case 'answered':
        answer(slot, ending.output);
        break;
      case 'error':
        say(slot, REPORTED_ERROR, ending.text, ending.status);
        break;
      case 'over-output-limit':
        instances.discard(backend);
        settle(slot, OVER_OUTPUT_LIMIT, ending.length);
        return;
      case 'trapped':
        instances.discard(backend);
        say(slot, TRAPPED, ending.detail);
        return;
      default:
        ending satisfies never;
    }
    // After the answer is on its way: nobody waits for the wiping.
    instances.finish(backend);
  };

  return {
    execute(slot) {
      present = slot;
      const backend = words[wordsAt(slot) + BACKEND] ?? 0;
      if (clock() >= (doubles[deadlineAt(slot)] ?? 0)) {
        settle(slot, EXPIRED, 0);
        return;
      }
      let instance: PluginInstance | null;
      try {
        instance = instances.get(backend);
      } catch (error) {
        if (!(error instanceof CannotStart)) throw error;
        say(slot, TRAPPED, `it could not be started: ${error.message}`);
        return;
      }
      if (instance === null) settle(slot, UNLOADED, 0);
      else run(slot, backend, instance);
    },
    open: (module) => instances.open(module),
    close: (id) => instances.close(id),
    addBody,
    forgetBody: (id) => void bodies.delete(id),
    tidy: () => instances.tidy(),
    share: () => instances.share(),
  };
}
