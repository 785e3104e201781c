import { ANSWER } from '../protocol/frames.js';
import type { Outgoing } from './channel/outgoing.js';
import { NULL, type Pointer } from './pointer.js';
import type { Runner } from './runner.js';

/** Most of a failing plugin's text that is passed on, in bytes. */
const TEXT_KEPT = 1024;

/** A function that leaves its output at `outgoing.out` and `outgoing.outLength`, in memory of its own. */
export interface OwnedOutput {
  /** Answers the status; 0 is success. */
  run(body: Pointer, length: number): number;
  /** Takes the output back. */
  free(memory: Pointer, length: number): void;
  /** What the plugin says about the failure of `run` before; asked for where the output says nothing. */
  lastError(): string | null;
}

/** Answers each call with the function's output, from where it lies. The length that it says is not believed. */
export function outputRunner(owned: OwnedOutput, limit: number, outgoing: Outgoing): Runner {
  return (call) => {
    outgoing.clear();
    const status = owned.run(call.body, call.length);
    const output = outgoing.body;
    const length = outgoing.bodyLength;
    const readable = status === 0 ? answer(call.sequence, output, length) : fail(call.sequence, status, output, length);
    // Posted first: should the plugin's allocator crash, its answer is safe. What cannot be read was never allocated.
    if (output !== NULL && readable) owned.free(output, length);
  };

  function answer(sequence: number, output: Pointer, length: number): boolean {
    if (length > limit) {
      outgoing.postText(ANSWER.outputTooLarge, sequence, '');
      return true;
    }
    if (output === NULL && length > 0) {
      outgoing.postText(ANSWER.badOutput, sequence, `it answered ${length} bytes at NULL`);
      return true;
    }
    if (outgoing.postBody(ANSWER.ok, sequence, 0, length)) return true;
    outgoing.postText(ANSWER.badOutput, sequence, `it answered ${length} bytes where no memory is`);
    return false;
  }

  function fail(sequence: number, status: number, output: Pointer, length: number): boolean {
    if (output === NULL || length === 0 || length > limit) {
      postWords(sequence, status, owned.lastError());
      return true;
    }
    const kept = Math.min(length, TEXT_KEPT);
    outgoing.setBody(output, kept);
    if (outgoing.postBody(ANSWER.pluginError, sequence, status, kept)) return true;
    postWords(sequence, status, null);
    return false;
  }

  function postWords(sequence: number, status: number, words: string | null): void {
    outgoing.postBytes(ANSWER.pluginError, sequence, status, new TextEncoder().encode(words ?? ''));
  }
}
