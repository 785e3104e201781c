import type { BackendName } from '../domain/backend.js';
import type { Known } from './call-metrics.js';
import type { Labels, Sample } from './collector.js';

/** The gauge of one backend: whoever holds it pays an addition a call. */
export interface InFlight {
  /** +1 when a call begins to count, -1 when it no longer does. */
  add(change: 1 | -1): void;
}

class Gauge implements InFlight {
  readonly labels: Labels;
  value = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  add(change: 1 | -1): void {
    this.value += change;
  }
}

/** Calls in flight by plugin and backend, whatever their generation: a backend that drains still counts. */
export class InFlightMetrics {
  readonly #plugins = new Map<string, Map<BackendName, Gauge>>();

  /** The gauge of a backend: the same object however often it is asked for. */
  readonly inFlight = (plugin: string, backend: BackendName): InFlight => {
    let backends = this.#plugins.get(plugin);
    if (backends === undefined) this.#plugins.set(plugin, (backends = new Map<BackendName, Gauge>()));
    let gauge = backends.get(backend);
    if (gauge === undefined) backends.set(backend, (gauge = new Gauge({ plugin, backend })));
    return gauge;
  };

  *samples(known: Known): Generator<Sample> {
    for (const [plugin, backends] of this.#plugins) {
      if (!known(plugin, null)) continue;
      for (const { labels, value } of backends.values()) yield { labels, value };
    }
  }
}
