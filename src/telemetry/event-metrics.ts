import type { BackendName } from '../domain/backend.js';
import type { Rejection } from '../domain/control.js';
import type { Known } from './call-metrics.js';
import type { Sample } from './collector.js';

export type Listener = 'data' | 'admin';
export type FlipResult = 'accepted' | Rejection['code'];

const LISTENERS = ['data', 'admin'] as const satisfies readonly Listener[];

/** Every result is written from the start, or `increase()` would miss the first of each. */
const FLIP_RESULTS: Readonly<Record<FlipResult, true>> = {
  accepted: true,
  invalid: true,
  'unknown-plugin': true,
  'unknown-function': true,
  'not-found': true,
  'precondition-failed': true,
  conflict: true,
  'store-unavailable': true,
};

/** A label's value has no end of forms when it is a sentence; what is no plain word is counted as `other`. */
const PLAIN_CAUSE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/;

/** HTTP statuses have three digits. */
const STATUSES = 1_000;

interface Restarts {
  readonly plugin: string;
  readonly backend: BackendName;
  readonly cause: string;
  count: number;
}

/** What is counted as it happens, besides backend calls. */
export class EventMetrics {
  readonly #flips = new Map<string, number>(Object.keys(FLIP_RESULTS).map((result) => [result, 0]));
  readonly #restarts = new Map<string, Restarts>();
  readonly #responses: Readonly<Record<Listener, Float64Array>> = {
    data: new Float64Array(STATUSES),
    admin: new Float64Array(STATUSES),
  };
  #applied = true;

  readonly countHttp = (listener: Listener, status: number): void => {
    const counts = this.#responses[listener];
    counts[status] = (counts[status] ?? 0) + 1;
  };

  readonly countFlip = (result: FlipResult): void => {
    this.#flips.set(result, (this.#flips.get(result) ?? 0) + 1);
  };

  readonly countRestart = (plugin: string, backend: BackendName, cause: string): void => {
    const label = PLAIN_CAUSE.test(cause) ? cause : 'other';
    const key = `${plugin}\0${backend}\0${label}`;
    let restarts = this.#restarts.get(key);
    if (restarts === undefined) this.#restarts.set(key, (restarts = { plugin, backend, cause: label, count: 0 }));
    restarts.count += 1;
  };

  readonly noteApply = (success: boolean): void => {
    this.#applied = success;
  };

  *flipSamples(): Generator<Sample> {
    for (const [result, value] of this.#flips) yield { labels: { result }, value };
  }

  *restartSamples(known: Known): Generator<Sample> {
    for (const { plugin, backend, cause, count } of this.#restarts.values()) {
      if (known(plugin, null)) yield { labels: { plugin, backend, cause }, value: count };
    }
  }

  *httpSamples(): Generator<Sample> {
    for (const listener of LISTENERS) {
      for (const [status, value] of this.#responses[listener].entries()) {
        if (value > 0) yield { labels: { listener, status: String(status) }, value };
      }
    }
  }

  *appliedSamples(): Generator<Sample> {
    yield { labels: {}, value: this.#applied ? 1 : 0 };
  }
}
