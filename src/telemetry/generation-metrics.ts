import type { Generation, LiveBackend, LivePlugin } from '../domain/generation.js';
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
    for (const { plugin, legacy, wasm } of this.#plugins()) {
      for (const live of [legacy, wasm]) {
        if (live !== null)
          yield { labels: { plugin: plugin.name, backend: live.name, kind: live.kind }, value: up(live) };
      }
    }
  }

  *revision(): Generator<Sample> {
    if (this.#current !== null) yield { labels: {}, value: this.#current().revision };
  }

  #plugins(): Iterable<LivePlugin> {
    return this.#current?.().plugins.values() ?? [];
  }

  *#functions() {
    for (const plugin of this.#plugins()) yield* plugin.functions.values();
  }
}

function up(live: LiveBackend): number {
  return live.state().state === 'ready' ? 1 : 0;
}
