import type { Call } from '../../../../src/domain/call.js';
import type { HostAnswer, HostRequest } from '../../host-call.js';
import { FROM_PROCESS, withBytes } from '../frames.js';
import type { FrameWriter } from '../frame-writer.js';

const EMPTY = new Uint8Array(0);

/** What the calls in this process have asked the gateway for, by the numbers of the calls. */
export class PendingAsks {
  readonly #writer: FrameWriter;
  readonly #numberOf: (call: Call) => number;
  readonly #waiting = new Map<number, (answer: HostAnswer) => void>();
  readonly #parked = new Set<number>();

  constructor(writer: FrameWriter, numberOf: (call: Call) => number) {
    this.#writer = writer;
    this.#numberOf = numberOf;
  }

  /** Another call runs in the place of this one, or not any more. */
  noteParked(number: number, parked: boolean): void {
    if (parked) this.#parked.add(number);
    else this.#parked.delete(number);
  }

  ask(request: HostRequest, call: Call, signal: AbortSignal): Promise<HostAnswer> {
    const number = this.#numberOf(call);
    // Of no call of the gateway's: the start of an instance, when the module is opened.
    if (number === 0) return Promise.resolve({ kind: 'refused', why: 'nothing is to be had before the first call' });
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve);
      const detail = this.#parked.has(number) ? 1 : 0;
      this.#writer.add({ kind: FROM_PROCESS.ask, number, detail, body: bodyOf(request) });
      const giveUp = (): void => {
        if (!this.#waiting.delete(number)) return;
        this.#writer.add({ kind: FROM_PROCESS.giveUp, number });
        resolve({ kind: 'given-up' });
      };
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  answer(number: number, answer: HostAnswer): void {
    const resolve = this.#waiting.get(number);
    this.#waiting.delete(number);
    resolve?.(answer);
  }
}

function bodyOf(request: HostRequest): Buffer {
  switch (request.kind) {
    case 'call':
      return withBytes({ kind: 'call', target: request.target }, request.input);
    case 'http': {
      const { body, ...rest } = request.request;
      return withBytes({ kind: 'http', request: { ...rest, hasBody: body !== null } }, body ?? EMPTY);
    }
    default:
      return request satisfies never;
  }
}
