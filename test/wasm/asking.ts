import type { HostAnswer, HostRequest } from '#adapters/wasm/host-call.js';
import type { Asking } from '#adapters/wasm/parent/host-calls.js';
import { type Lanes, type LanesOptions } from '#adapters/wasm/parent/lanes.js';
import { lanesOf } from './harness.js';

interface Asked {
  readonly request: HostRequest;
  readonly asking: Asking;
  readonly answer: (answer: HostAnswer) => void;
}

/** Lanes on which the test answers what guests ask for, when it likes to. */
export class AskingLanes {
  readonly asked: Asked[] = [];
  readonly lanes: Lanes;
  readonly #waiting: (() => void)[] = [];

  constructor(options: LanesOptions) {
    this.lanes = lanesOf({
      ...options,
      answer: (request, asking) =>
        new Promise((answer) => {
          this.asked.push({ request, asking, answer });
          for (const again of this.#waiting.splice(0)) again();
        }),
    });
  }

  /** Resolves once so much has been asked for. */
  async until(count: number): Promise<void> {
    while (this.asked.length < count) await new Promise<void>((again) => this.#waiting.push(again));
  }
}

/** The answer to a nested call that went well. */
export function replied(text: string): HostAnswer {
  return { kind: 'call', status: 200, output: Buffer.from(text) };
}
