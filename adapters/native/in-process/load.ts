import { type Backend, Refused } from '../../../src/domain/backend.js';
import type { Call } from '../../../src/domain/call.js';
import { Failed, type Failure } from '../../../src/domain/failure.js';
import type { NativeSpec } from '../../../src/domain/native.js';
import type { Reply } from '../../../src/domain/reply.js';
import { openLibrary } from '../child/open-library.js';
import { failureIn } from '../parent/answer-failure.js';
import { closed, stopped } from '../parent/failures.js';
import type { Member, Target } from '../parent/member.js';
import { libraryOpening } from '../parent/opening.js';
import { refusedInput } from '../parent/refused-input.js';
import { DEPTH } from '../protocol/frames.js';
import { AT } from '../protocol/opening.js';
import { Arena } from './arena.js';
import { CopyingOutgoing } from './copying-outgoing.js';

/**
 * The digests of libraries that were loaded by their path. They are never unloaded, and asked for the same path again
 * the dynamic loader gives the same code, whatever the file has become.
 */
const loadedFrom = new Map<string, string>();

/** Loads a library into this very process, for good. Throws {@link Refused}, all mistakes at once. */
export function loadBackend(member: Member, bytes: Uint8Array | null, closing: () => void): Backend {
  const { spec, targets } = member;
  if (bytes === null) refuseReplaced(spec);
  const outgoing = new CopyingOutgoing();
  const library = openLibrary(libraryOpening(member, bytes?.length ?? null), bytes, outgoing);
  if (!('runners' in library)) throw new Refused(library);
  if (bytes === null) loadedFrom.set(spec.library.path, spec.library.sha256);

  const { runners } = library;
  const arena = new Arena();
  let isClosed = false;

  function call(call: Call): Promise<Reply> {
    const target = targets.get(call.function);
    if (isClosed) return rejected(closed());
    if (target === undefined)
      return rejected({ code: 'unknown-function', detail: `the native backend has no function ${call.function}` });
    const failure = refusedInput(call, target.text) ?? expired(call);
    if (failure !== null) return rejected(failure);
    try {
      return run(target, call);
    } catch (defect) {
      return Promise.reject(defect as Error);
    }
  }

  function run({ id, outputLimit }: Target, { input, deadline }: Call): Promise<Reply> {
    const runner = runners.get(id);
    if (runner === undefined) throw new Error(`function ${id} was not bound`);
    const body = arena.place(input);
    runner({ sequence: 0, function: 0, deadline, body, length: input.length }, () => textOf(input));
    const answer = outgoing.take();
    const failure = failureIn(answer, outputLimit);
    return failure === null ? Promise.resolve({ output: answer.body }) : rejected(failure);
  }

  return {
    // More than one only spares the queue: a call is over before the next can be made.
    window: { size: DEPTH },
    call,
    close() {
      if (!isClosed) {
        isClosed = true;
        library.shutDown();
        closing();
      }
      return Promise.resolve();
    },
  };
}

/** Throws {@link Refused} where the loader would give other code than the one that was hashed. */
function refuseReplaced({ library: { path, sha256 } }: NativeSpec): void {
  const loaded = loadedFrom.get(path);
  if (loaded === undefined || loaded === sha256) return;
  const message = `another version of ${path} was loaded into the gateway before, and code is never unloaded: restart it`;
  throw new Refused([{ pointer: AT.library, message }]);
}

function expired({ deadline }: Call): Failure | null {
  return performance.now() >= deadline ? stopped('timeout', false) : null;
}

function textOf(input: Uint8Array): string {
  return Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString();
}

function rejected(failure: Failure): Promise<never> {
  return Promise.reject(new Failed(failure, 'legacy'));
}
