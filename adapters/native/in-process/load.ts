import { type Backend, Refused } from '../../../src/domain/backend.js';
import type { Call } from '../../../src/domain/call.js';
import { Failed, type Failure } from '../../../src/domain/failure.js';
import type { NativeSpec } from '../../../src/domain/native.js';
import type { Reply } from '../../../src/domain/reply.js';
import type { Incoming } from '../child/channel/inbox.js';
import { openLibrary } from '../child/library/open-library.js';
import { NULL } from '../child/pointer.js';
import type { Runner } from '../child/runner.js';
import { failureIn } from '../parent/answer-failure.js';
import { closed, stopped } from '../parent/failures.js';
import type { Member } from '../parent/member.js';
import { libraryOpening } from '../parent/opening.js';
import { refusedInput } from '../parent/refused-input.js';
import { DEPTH } from '../protocol/frames.js';
import { AT } from '../protocol/opening.js';
import { Arena } from './arena.js';
import { CopyingOutgoing } from './copying-outgoing.js';

interface Bound {
  readonly runner: Runner;
  /** Whether its input is a C string. */
  readonly text: boolean;
  /** Bytes. */
  readonly outputLimit: number;
}

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

  const bound = bind(targets, library.runners);
  const arena = new Arena();
  // One at a time: it is filled anew for each call.
  const incoming: Incoming = { sequence: 0, function: 0, deadline: 0, body: NULL, length: 0 };
  let isClosed = false;

  function call(call: Call): Promise<Reply> {
    const target = bound.get(call.function);
    if (isClosed) return rejected(closed());
    if (target === undefined)
      return rejected({ code: 'unknown-function', detail: `the native backend has no function ${call.function}` });
    const failure = refusedInput(call, target.text) ?? expired(call);
    if (failure !== null) return rejected(failure);
    try {
      return run(target, call);
    } catch (defect) {
      return Promise.reject(new Error(`${call.function} cannot be called`, { cause: defect }));
    }
  }

  function run({ runner, outputLimit }: Bound, { input, deadline }: Call): Promise<Reply> {
    incoming.body = arena.place(input);
    incoming.length = input.length;
    incoming.deadline = deadline;
    runner(incoming, textOf);
    const answer = outgoing.take();
    const failure = failureIn(answer, outputLimit);
    return failure === null ? Promise.resolve({ output: answer.body }) : rejected(failure);
  }

  function textOf({ length }: Incoming): string {
    return arena.text(length);
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

function bind(targets: Member['targets'], runners: ReadonlyMap<number, Runner>): ReadonlyMap<string, Bound> {
  const bound = new Map<string, Bound>();
  for (const [name, { id, text, outputLimit }] of targets) {
    const runner = runners.get(id);
    if (runner !== undefined) bound.set(name, { runner, text, outputLimit });
  }
  return bound;
}

function expired({ deadline, handedOverAt }: Call): Failure | null {
  // A queue looked at the clock right before, and looking costs as much as a short function.
  const now = Number.isNaN(handedOverAt) ? performance.now() : handedOverAt;
  return now >= deadline ? stopped('timeout', false) : null;
}

function rejected(failure: Failure): Promise<never> {
  return Promise.reject(new Failed(failure, 'legacy'));
}
