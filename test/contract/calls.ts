import { Call } from '#src/domain/call.js';
import { Failed, type Failure } from '#src/domain/failure.js';
import type { Backend } from '#src/domain/backend.js';

let requests = 0;

/** A call as the dispatcher makes it; its deadline is told by nobody but the test, or {@link callWithin}. */
export function callOf(name: string, input: Uint8Array | string, timeoutMs = 60_000): Call {
  return new Call({
    plugin: 'faulty',
    function: name,
    input: typeof input === 'string' ? Buffer.from(input) : input,
    deadline: performance.now() + timeoutMs,
    requestId: `request-${++requests}`,
    role: 'primary',
  });
}

/** Makes a call and stops it when its deadline passes, as the dispatcher does. */
export async function callWithin(backend: Backend, call: Call): Promise<Uint8Array> {
  const timer = setTimeout(() => call.stop('timeout'), call.deadline - performance.now());
  try {
    return (await backend.call(call)).output;
  } finally {
    clearTimeout(timer);
  }
}

/** The failure that a call ends with. Throws when it does not fail, or not in the way of the port. */
export async function failureOf(reply: Promise<unknown>): Promise<Failure> {
  let answer: unknown;
  try {
    answer = await reply;
  } catch (error) {
    if (error instanceof Failed) return error.failure;
    throw error;
  }
  throw new Error(`expected a failure, got ${JSON.stringify(answer)}`);
}

export function textOf(output: Uint8Array): string {
  return Buffer.from(output).toString();
}

/** Bytes that depend on `seed` and are no text: a wrong answer cannot pass for the right one. */
export function bytesOf(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed + 1) * 0x9e37_79b1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
