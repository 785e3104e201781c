import type { Backend, Window } from '#src/domain/backend.js';
import { Call } from '#src/domain/call.js';
import { Failed } from '#src/domain/failure.js';
import type { Failure } from '#src/domain/failure.js';
import type { Reply } from '#src/domain/reply.js';

/** A backend whose every reply the test gives by hand, so that orders of events are chosen and not hoped for. */
export interface ScriptedBackend extends Backend {
  /** Calls that have been handed over and not been answered, oldest first. */
  readonly held: Held[];
  readonly closed: () => boolean;
}

export interface Held {
  readonly call: Call;
  readonly reply: (text: string) => void;
  readonly fail: (failure: Failure) => void;
}

export function scriptedBackend(window: Window): ScriptedBackend {
  const held: Held[] = [];
  let closed = false;
  return {
    window,
    held,
    closed: () => closed,
    call: (call) =>
      new Promise<Reply>((resolve, reject) => {
        const entry: Held = {
          call,
          reply(text) {
            held.splice(held.indexOf(entry), 1);
            resolve({ output: Buffer.from(text) });
          },
          fail(failure) {
            held.splice(held.indexOf(entry), 1);
            reject(new Failed(failure));
          },
        };
        held.push(entry);
        call.onStop = (stop) =>
          entry.fail(
            stop === 'timeout'
              ? { code: 'timeout', detail: 'killed', begun: true }
              : { code: 'cancelled', detail: 'dropped', begun: true },
          );
      }),
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}

export function call(name = 'f', deadline = Number.POSITIVE_INFINITY): Call {
  return new Call({
    plugin: 'p',
    function: name,
    input: new Uint8Array(),
    deadline,
    requestId: name,
    role: 'primary',
  });
}

/** Lets everything that is already decided happen. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
