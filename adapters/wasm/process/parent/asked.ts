import { serialize } from 'node:v8';
import type { HostAnswer } from '../../host-call.js';
import type { HostCalls } from '../../parent/host-calls.js';
import { ProtocolError } from '../frame-reader.js';
import { type Frame, TO_PROCESS } from '../frames.js';
import type { FrameWriter } from '../frame-writer.js';
import type { Handed } from './handed.js';
import { parseRequest } from './parse.js';

interface AskedOptions {
  readonly handed: Handed;
  readonly writer: FrameWriter;
  readonly answer: HostCalls['answer'];
}

/** What the calls in one process have asked for. What they are granted is looked at here, in the gateway. */
export class Asked {
  readonly #options: AskedOptions;
  readonly #pending = new Map<number, AbortController>();

  constructor(options: AskedOptions) {
    this.#options = options;
  }

  /** Throws {@link ProtocolError} at what no call of lanes asks. */
  ask({ number, detail, body }: Frame): void {
    const { handed, answer } = this.#options;
    const request = parseRequest(body);
    if (this.#pending.has(number)) throw new ProtocolError('a call that asks for two things at once');
    const call = handed.callOf(number);
    if (call === null || call.stopped === 'timeout') {
      this.#send(number, { kind: 'given-up' });
      return;
    }
    const abort = new AbortController();
    this.#pending.set(number, abort);
    if (detail === 1 && call.stopped === null) handed.find(number)?.job.park();
    void answer(request, call, abort.signal).then((given) => {
      // Another one may have the number by now.
      if (this.#pending.get(number) !== abort) return;
      this.#pending.delete(number);
      handed.find(number)?.job.unpark();
      this.#send(number, given);
    });
  }

  /** The call does not wait for its answer any more. */
  giveUp(number: number): void {
    this.#pending.get(number)?.abort();
    this.#pending.delete(number);
    this.#options.handed.find(number)?.job.unpark();
  }

  /** Nobody waits for any of them. */
  giveUpAll(): void {
    for (const number of [...this.#pending.keys()]) this.giveUp(number);
  }

  #send(number: number, answer: HostAnswer): void {
    this.#options.writer.add({ kind: TO_PROCESS.answer, number, body: serialize(answer) });
  }
}
