import type { Generation, LiveBackend, LiveFunction, LivePlugin } from '../domain/generation.js';
import { percentOnWasm } from '../domain/stage.js';
import type { Known } from './call-metrics.js';
import type { Sample } from './collector.js';

/** What is in force, read from the current generation at each scrape; nothing is kept, so nothing can be stale. */
export class GenerationMetrics {
  #current: (() => Generation) | null = null;

  use(current: () => Generation): void {
    this.#current = current;
  }

  /** Whether the current generation names a plugin or function; before there is one, everything is known. */
  readonly known: Known = (plugin, functionName) => {
    if (this.#current === null) return true;
    const live = this.#current().plugins.get(plugin);
    return live !== undefined && (functionName === null || live.functions.has(functionName));
  };

  *percent(): Generator<Sample> {
    for (const { plugin, spec, route } of this.#functions()) {
      yield { labels: { plugin, function: spec.name }, value: percentOnWasm(route.effective) };
    }
  }

  *stage(): Generator<Sample> {
    for (const { plugin, spec, route } of this.#functions()) {
      yield { labels: { plugin, function: spec.name, stage: route.stage.stage }, value: 1 };
    }
  }

  *tripped(): Generator<Sample> {
    for (const { plugin, spec, route } of this.#functions()) {
      yield { labels: { plugin, function: spec.name }, value: route.tripped === null ? 0 : 1 };
    }
  }

  *up(): Generator<Sample> {
    for (const [plugin, live] of this.#backends()) {
      yield { labels: { plugin, backend: live.name, kind: live.kind }, value: live.state().state === 'ready' ? 1 : 0 };
    }
  }

  /** Backends that drain are not counted: they belong to a generation that is gone. */
  *inFlight(): Generator<Sample> {
    for (const [plugin, live] of this.#backends()) {
      yield { labels: { plugin, backend: live.name }, value: live.inFlight() };
    }
  }

  *revision(): Generator<Sample> {
    if (this.#current !== null) yield { labels: {}, value: this.#current().revision };
  }

  #plugins(): Iterable<LivePlugin> {
    return this.#current?.().plugins.values() ?? [];
  }

  *#functions(): Generator<LiveFunction> {
    for (const plugin of this.#plugins()) yield* plugin.functions.values();
  }

  *#backends(): Generator<readonly [plugin: string, LiveBackend]> {
    for (const { plugin, legacy, wasm } of this.#plugins()) {
      if (legacy !== null) yield [plugin.name, legacy];
      if (wasm !== null) yield [plugin.name, wasm];
    }
  }
}
