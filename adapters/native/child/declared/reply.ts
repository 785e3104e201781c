import { ANSWER } from '../../protocol/frames.js';
import type { CCall } from './c-call.js';
import { isScalar } from './c-type.js';
import { readBytes, readText } from './c-string.js';
import { postString } from '../cstring.js';
import type { Frame, Output, Value } from './frame.js';
import { emptyDocument, putAt } from './json-pointer.js';
import { libc } from '../libc.js';
import { decodeText, read } from './marshal.js';
import { BadOutput } from './misfit.js';
import { type Outgoing, postBadOutput } from '../channel/outgoing.js';
import { NULL, type Pointer } from '../pointer.js';
import { jsonOf, type Scalar } from './scalar.js';

/**
 * Posts what a call that did not fail has answered. False when a pointer of the function's does not lead to as much
 * memory as it says, and so may be anything but what was allocated.
 */
type Reply = (sequence: number, result: Value | undefined, frame: Frame) => boolean;

/** Lengths that come back are compared with what there is, and never believed. Throws {@link BadOutput}. */
export function replyOf(call: CCall, limit: number, outgoing: Outgoing): Reply {
  const { args, result: mapped, type } = call;
  const output = args.find((argument) => argument.output !== undefined)?.output;
  const length = args.find((argument) => argument.length !== undefined)?.length;
  const parts = args.flatMap(({ part }) => (part === undefined ? [] : [part]));

  if (output !== undefined) {
    return (sequence, result, frame) => {
      const said = length?.() ?? (mapped.as === 'length' ? Number(result) : null);
      return postOutput(sequence, output, said, frame);
    };
  }
  if (mapped.as === 'bytes') return (sequence, result) => postBytes(sequence, pointerOf(result), length?.() ?? 0);
  if (mapped.as === 'text' && mapped.at === null) {
    return (sequence, result) => {
      if (pointerOf(result) === NULL) throw new BadOutput('it returned NULL for a text');
      postString(pointerOf(result), sequence, limit, outgoing);
      return true;
    };
  }
  if (mapped.at === null && parts.length === 0)
    return (sequence, result) => postJson(sequence, mapped.as === 'none' ? null : valueOf(result));
  return (sequence, result) => {
    const document = emptyDocument();
    for (const part of parts) putAt(document, part.pointer, part.read());
    if (mapped.at !== null) putAt(document, mapped.at, valueOf(result));
    return postJson(sequence, document);
  };

  function postOutput(sequence: number, output: Output, said: number | null, { call, capacity }: Frame): boolean {
    const address = output.address();
    if (output.free === null) {
      const whole = said ?? (output.isText ? capacity : output.isInPlace ? call.length : capacity);
      if (!(whole >= 0 && whole <= capacity))
        throw new BadOutput(`it answered ${whole} bytes, where there is room for ${capacity}`);
      const end = output.isText ? libc.strnlen(address, whole) : whole;
      if (output.isText && said === null && end === whole) throw new BadOutput('its text has no end');
      return post(sequence, address, end);
    }
    if (!output.isText) return postBytes(sequence, address, said ?? 0);
    if (address === NULL) throw new BadOutput('it answered NULL for a text');
    postString(address, sequence, limit, outgoing);
    return true;
  }

  function postBytes(sequence: number, address: Pointer, said: number): boolean {
    if (said >= 0 && (address !== NULL || said === 0)) return post(sequence, address, said);
    postBadOutput(outgoing, sequence, `it answered ${said} bytes${address === NULL ? ' at NULL' : ''}`);
    return false;
  }

  function post(sequence: number, address: Pointer, length: number): boolean {
    if (length > limit) {
      outgoing.postText(ANSWER.outputTooLarge, sequence, '');
      return true;
    }
    outgoing.setBody(address, length);
    if (outgoing.postBody(ANSWER.ok, sequence, 0, length)) return true;
    postBadOutput(outgoing, sequence, `it answered ${length} bytes where no memory is`);
    return false;
  }

  function postJson(sequence: number, value: unknown): boolean {
    const json = Buffer.from(JSON.stringify(value));
    if (json.length > limit) outgoing.postText(ANSWER.outputTooLarge, sequence, '');
    else outgoing.postBytes(ANSWER.ok, sequence, 0, json);
    return true;
  }

  /** The result as a JSON value. */
  function valueOf(result: Value | undefined): unknown {
    if (isScalar(type)) return jsonOf(result as Scalar, type);
    if (type.kind === 'void') return null;
    const address = pointerOf(result);
    if (address === NULL) throw new BadOutput(`it returned NULL for a ${mapped.as === 'text' ? 'text' : 'struct'}`);
    if (mapped.as === 'text') return decodeText(readText(address, limit));
    if (type.target.kind !== 'struct') return null;
    const bytes = readBytes(address, type.target.layout.size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return read({ bytes, view }, 0, type.target, limit);
  }
}

function pointerOf(result: Value | undefined): Pointer {
  return typeof result === 'bigint' ? (result as Pointer) : NULL;
}
