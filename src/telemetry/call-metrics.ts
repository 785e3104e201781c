import { BACKEND_NAMES } from '../domain/backend.js';
import type { Role } from '../domain/call.js';
import type { Outcome } from '../domain/failure.js';
import type { Observation } from '../domain/observation.js';
import { CALL_DURATION, QUEUE_DURATION } from './catalogue.js';
import type { Labels, Sample } from './collector.js';
import { grown } from './grown.js';
import { HistogramTable } from './histogram-table.js';

const ROLES = ['primary', 'shadow', 'fallback'] as const satisfies readonly Role[];

/** Whether a backend call can end so: those are written as 0 too once a series is there, or `increase()` misses the first. */
const OUTCOMES: Readonly<Record<Outcome, boolean>> = {
  ok: true,
  cancelled: true,
  overloaded: true,
  unavailable: true,
  timeout: true,
  crashed: true,
  trapped: true,
  'plugin-error': true,
  'output-too-large': true,
  'bad-output': true,
  'bad-request': true,
  'input-too-large': false,
  'unknown-plugin': false,
  'unknown-function': false,
  'not-found': false,
  'method-not-allowed': false,
};

const OUTCOME_NAMES = Object.keys(OUTCOMES) as Outcome[];
const OUTCOME_COLUMN = new Map<Outcome, number>(OUTCOME_NAMES.map((outcome, column) => [outcome, column]));
const SERIES_AT_FIRST = 16;

/** Which functions are worth a line: those that somebody could still call. */
export type Known = (plugin: string, functionName: string | null) => boolean;

interface PluginRows {
  /** The queue's rows, legacy and wasm. */
  readonly queues: readonly [number, number];
  /** By function: the rows of legacy's three roles, then wasm's; -1 where nothing was observed. */
  readonly functions: Map<string, Int32Array>;
}

/** Everything that is counted once a backend call. `observe` costs a few nested look-ups and writes to typed arrays. */
export class CallMetrics {
  readonly #plugins = new Map<string, PluginRows>();
  readonly #durations = new HistogramTable();
  readonly #queues = new HistogramTable();
  readonly #callLabels: Labels[] = [];
  readonly #queueLabels: Labels[] = [];
  #calls = new Float64Array(SERIES_AT_FIRST * OUTCOME_NAMES.length);

  readonly observe = (observation: Observation): void => {
    const { plugin, backend, outcome, callMs } = observation;
    let rows = this.#plugins.get(plugin);
    if (rows === undefined) this.#plugins.set(plugin, (rows = this.#addPlugin(plugin)));
    let functionRows = rows.functions.get(observation.function);
    if (functionRows === undefined)
      rows.functions.set(observation.function, (functionRows = new Int32Array(6).fill(-1)));
    const side = backend === 'legacy' ? 0 : 1;
    const column = side * ROLES.length + ROLES.indexOf(observation.role);
    let row = functionRows[column] ?? -1;
    if (row < 0) functionRows[column] = row = this.#addCalls(observation);

    const at = row * OUTCOME_NAMES.length + (OUTCOME_COLUMN.get(outcome) ?? 0);
    this.#calls[at] = (this.#calls[at] ?? 0) + 1;
    if (callMs !== null) this.#durations.record(row, callMs);
    // A refused call never waited; its near-zero would make an overflowing queue look fast.
    if (callMs !== null || (outcome !== 'overloaded' && outcome !== 'unavailable')) {
      this.#queues.record(rows.queues[side], observation.queueMs);
    }
  };

  *durationSamples(known: Known): Generator<Sample> {
    for (const [row, labels] of this.#callLabels.entries()) {
      if (isKnown(known, labels)) yield* this.#durations.samples(row, CALL_DURATION.name, labels);
    }
  }

  *callSamples(known: Known): Generator<Sample> {
    for (const [row, labels] of this.#callLabels.entries()) {
      if (!isKnown(known, labels)) continue;
      for (const [column, outcome] of OUTCOME_NAMES.entries()) {
        const value = this.#calls[row * OUTCOME_NAMES.length + column] ?? 0;
        if (value > 0 || OUTCOMES[outcome]) yield { labels: { outcome }, sharedLabels: labels, value };
      }
    }
  }

  *queueSamples(known: Known): Generator<Sample> {
    for (const [row, labels] of this.#queueLabels.entries()) {
      if (isKnown(known, labels)) yield* this.#queues.samples(row, QUEUE_DURATION.name, labels);
    }
  }

  #addPlugin(plugin: string): PluginRows {
    const first = this.#queueLabels.length;
    for (const backend of BACKEND_NAMES) this.#queueLabels.push({ plugin, backend });
    return { queues: [first, first + 1], functions: new Map() };
  }

  #addCalls({ plugin, function: functionName, backend, role }: Observation): number {
    const row = this.#callLabels.length;
    this.#callLabels.push({ plugin, function: functionName, backend, role });
    if ((row + 1) * OUTCOME_NAMES.length > this.#calls.length) this.#calls = grown(this.#calls, this.#calls.length * 2);
    return row;
  }
}

function isKnown(known: Known, labels: Labels): boolean {
  return known(labels['plugin'] ?? '', labels['function'] ?? null);
}
