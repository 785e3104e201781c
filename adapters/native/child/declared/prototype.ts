import type { Problem } from '../../../../src/domain/backend.js';
import type { PrototypeCall } from '../../../../src/domain/native-function.js';
import { ANSWER } from '../../protocol/frames.js';
import { type Binding, bindCall } from './c-call.js';
import { parsePrototype } from './c-prototype.js';
import { describeFailure, statusOf } from './failing.js';
import { type Frame, NO_CALL, type Value } from './frame.js';
import type { LastError } from './life.js';
import { mappingOf, misfits, resultOf } from './mapping.js';
import { BadOutput, BadRequest } from './misfit.js';
import { type Outgoing, postBadOutput } from '../channel/outgoing.js';
import { NULL, type Pointer } from '../pointer.js';
import { replyOf } from './reply.js';
import { wrongWithResult } from './result.js';
import type { Runner } from '../runner.js';

/** A function declared by its C prototype. Adds to `problems`, and answers null, when declaration and mapping do not fit. */
export function prototypeRunner(
  at: string,
  declared: PrototypeCall,
  binding: Binding,
  lastError: LastError,
  outgoing: Outgoing,
  problems: Problem[],
): Runner | null {
  const { arena, limit } = binding.shared;
  const before = problems.length;
  const call = bindCall(at, declared, binding, problems);
  problems.push(...mistakesOf(at, declared, binding));
  if (call === null || problems.length > before) return null;

  const { capacity, isTold } = mappingOf(declared.args);
  const needsJson = call.args.some((argument) => argument.needsJson === true);
  const outputs = call.args.flatMap(({ output }) => (output === undefined ? [] : [output]));
  const reply = replyOf(call, limit, outgoing);
  const frame: Frame = { call: NO_CALL, json: undefined, capacity: 0 };

  return (incoming, text) => {
    const { sequence } = incoming;
    frame.call = incoming;
    try {
      frame.json = needsJson ? parseJson(text(incoming)) : undefined;
      if (capacity !== null) {
        frame.capacity = Math.ceil(capacity.factor * incoming.length) + capacity.bytes;
        if (frame.capacity > limit) {
          // A function that is told gets less. Another one would write past the end.
          if (!isTold) {
            outgoing.postText(ANSWER.outputTooLarge, sequence, '');
            return;
          }
          frame.capacity = limit;
        }
      }
      finish(sequence, call.run(frame));
    } catch (error) {
      refuse(sequence, error);
    } finally {
      frame.json = undefined;
      arena.reset();
    }
  };

  /** Answers a call that has run, and frees what it left. Posted first: should the allocator crash, the answer is safe. */
  function finish(sequence: number, result: Value | undefined): void {
    let isReadable = true;
    try {
      if (call?.failing(result, call.errno() ?? 0) === true) fail(sequence, result);
      else isReadable = reply(sequence, result, frame);
    } catch (error) {
      refuse(sequence, error);
    }
    if (!isReadable) return;
    if (typeof result === 'bigint' && result !== 0n) call?.free?.(result as Pointer);
    for (const output of outputs) if (output.address() !== NULL) output.free?.(output.address());
  }

  function refuse(sequence: number, error: unknown): void {
    if (error instanceof BadRequest) outgoing.postText(ANSWER.badRequest, sequence, JSON.stringify(error.said));
    // There was no memory for it, or JSON would be longer than a text can be.
    else if (error instanceof BadOutput || error instanceof RangeError)
      postBadOutput(outgoing, sequence, error.message);
    else throw error;
  }

  function fail(sequence: number, result: Value | undefined): void {
    if (call === null) return;
    const errno = call.errno();
    const said = lastError() ?? describeFailure(result, call.type, errno);
    outgoing.postBytes(ANSWER.pluginError, sequence, statusOf(result, call.type), Buffer.from(said));
  }
}

/** What does not stand together, where the declaration is understood at all. */
function mistakesOf(at: string, declared: PrototypeCall, { types, shared }: Binding): readonly Problem[] {
  const parsed = parsePrototype(declared.prototype, types.known);
  if (typeof parsed === 'string') return [];
  const result = resultOf(declared.result);
  const wrong = wrongWithResult(result.as, parsed.result);
  const mistakes = misfits(declared.args, result, parsed.result, shared.limit);
  const handles = declared.args.flatMap((argument, index) =>
    typeof argument === 'object' && argument !== null && 'out' in argument && argument.out === 'handle'
      ? [{ place: `/args/${index}`, message: '{ out: handle } is for init alone' }]
      : [],
  );
  return [...handles, ...mistakes, ...(wrong === null ? [] : [{ place: '/result', message: wrong }])].map(
    ({ place, message }) => ({ pointer: `${at}${place}`, message }),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadRequest(`the body is not JSON: ${(error as Error).message}`, '');
  }
}
