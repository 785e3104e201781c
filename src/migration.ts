import type { Compare } from './domain/compare.js';
import type { Control } from './domain/control.js';
import type { Dispatcher } from './domain/dispatch.js';
import { isFailure } from './domain/dispatch.js';
import type { Observation } from './domain/observation.js';
import type { PluginFunction } from './domain/plugin.js';
import type { Reply } from './domain/reply.js';
import { isErrorReply, mayBeErrorReply } from './comparison/error-reply.js';
import type { Observe } from './dispatch/attempt.js';
import { Deadlines } from './dispatch/deadline.js';
import { createDispatcher } from './dispatch/dispatcher.js';
import { createMirror } from './dispatch/mirror.js';
import { createSpare } from './dispatch/spare.js';
import type { EvidenceBook } from './evidence/book.js';
import type { Journal } from './evidence/journal/journal.js';
import { mismatchNews } from './evidence/mismatch-news.js';
import { createBreaker } from './rollout/breaker.js';
import { comparerReport } from './telemetry/comparer-report.js';
import type { Events } from './telemetry/events.js';
import type { Log } from './telemetry/log.js';
import type { Metrics } from './telemetry/metrics.js';

interface MigrationOptions {
  readonly control: Control;
  readonly compare: Compare;
  readonly evidence: EvidenceBook;
  readonly journal: Journal;
  readonly metrics: Metrics;
  readonly events: Events;
  readonly log: Log;
}

/** The path of calls, with all that learns from them. */
export interface Migration {
  readonly dispatcher: Dispatcher;
  /** Resolves when nothing is mirrored any more; nothing trips from now on. */
  close(): Promise<void>;
}

/** A part of the composition root of `serve`: who hears of a call, and what comes of it. */
export function wireMigration(options: MigrationOptions): Migration {
  const { control, compare, evidence, journal, metrics, events, log } = options;
  const breaker = createBreaker({ control, log });
  const observe: Observe = (observation, live, result) => {
    metrics.observe(observation);
    // Legacy is run again only where it has answered: as a sample of its calls that would flatter it.
    if (observation.again) return;
    breaker.observe(observation, live);
    if (live.spec.error === null || isFailure(result)) return evidence.observe(observation, live);
    // Parsed when the reply has been sent.
    setImmediate(() => void judged(observation, live.spec, result, compare).then((as) => evidence.observe(as, live)));
  };
  const attempts = {
    current: () => control.current(),
    deadlines: new Deadlines(),
    observe,
    now: () => performance.now(),
    onDefect: (err: unknown) =>
      log.error({ err }, 'a backend rejected with what is no failure: a defect of the gateway'),
  };
  const tell = mismatchNews({
    publish: events.publish,
    totalOf: ({ live }) => evidence.counts(live).comparisons.mismatch,
  });
  const tellUncompared = comparerReport({ log });
  const mirror = createMirror({
    ...attempts,
    compare,
    spare: createSpare(),
    onCompared(compared) {
      const { live, comparison } = compared;
      metrics.countComparison(live.plugin, live.spec.name, comparison.result);
      evidence.compared(compared);
      journal.note(compared);
      tell(compared);
    },
    onNoise: (run) => evidence.noise(run),
    onDropped(live, reason, why) {
      metrics.countDropped(live.plugin, live.spec.name, reason);
      evidence.dropped(live, reason);
      if (why !== undefined) tellUncompared(live, why);
    },
  });
  const dispatcher = createDispatcher({
    ...attempts,
    mirror,
    onFallback: (live, cause) => metrics.countFallback(live.plugin, live.spec.name, cause),
  });
  return {
    dispatcher,
    async close() {
      breaker.close();
      await mirror.close();
    },
  };
}

/** Bytes of a reply that are parsed in this thread: it takes less than half a millisecond. */
const PARSED_HERE = 32 * 1024;

const FAILED = { code: 'plugin-error', detail: '' } as const;

/** An error inside a successful reply counts as one of the plugin. */
async function judged(
  observation: Observation,
  spec: PluginFunction,
  reply: Reply,
  compare: Compare,
): Promise<Observation> {
  const isError =
    reply.output.length <= PARSED_HERE ? isErrorReply(spec, reply.output) : await isLargeError(spec, reply, compare);
  return isError ? { ...observation, outcome: 'plugin-error' } : observation;
}

/** Beside a failure, all that a comparison asks is whether the reply is one, too; in a thread of its own. */
async function isLargeError(spec: PluginFunction, reply: Reply, compare: Compare): Promise<boolean> {
  if (!mayBeErrorReply(spec.error, reply.output)) return false;
  const comparison = await compare({ ...spec, compare: { as: 'bytes' } }, reply, FAILED);
  return comparison !== null && comparison.result !== 'wasm-failed';
}
