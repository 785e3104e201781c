import type { Compare, NotCompared, TryComparer } from '../domain/compare.js';
import type { Comparison, Ended, ReplyError } from '../domain/comparison.js';
import type { PluginFunction } from '../domain/plugin.js';
import { areEqual } from './compare-bytes.js';
import { mayBeErrorReply } from './error-reply.js';
import { cut } from './excerpt.js';
import { hideExcerpts } from './hide.js';
import { judge, oneFailed, type PlainRule } from './judge.js';
import type { Answer } from './parent/lane.js';
import { createLanes } from './parent/lanes.js';
import { createTrial } from './parent/trial.js';

export interface Comparer {
  readonly compare: Compare;
  /** Loads a module as it would be to compare. */
  readonly tryModule: TryComparer;
  /** Ends its threads; what waits there is not compared. */
  readonly close: () => Promise<void>;
}

export interface ComparerOptions {
  /** Bytes of both outputs up to which they are compared at once, in the caller's thread. */
  readonly atOnce?: number;
  /** Comparisons that may wait for a thread, and the bytes of their outputs. */
  readonly waiting?: { readonly count: number; readonly bytes: number };
  /** Milliseconds for one comparison by a module of the operator's. */
  readonly moduleMs?: number;
  /** MiB of JavaScript heap of such a module. */
  readonly moduleHeapMiB?: number;
  /** Milliseconds for a thread to start, and its module to load. */
  readonly startMs?: number;
  /** Milliseconds for which a module that cannot be loaded is not tried again. */
  readonly restMs?: number;
}

/** Bytes of both outputs that are gone through in half a millisecond; the way to a thread and back takes a tenth of one. */
const AT_ONCE = 32 * 1024;

/** How many times as long JSON may take that differs all over, as it does where a port is wrong. */
const DIFFERENT = 4;

/** How many times as long a rule may take that does more than to go through both outputs. */
const LONG = 64;

/** Milliseconds until a thread that has nothing to do ends. */
const IDLE = 60_000;

/** For documents as large as outputs may be. */
const LARGE = { deadlineMs: 10_000, heapMiB: 1_024 };

/** Compares what is small at once; what is large, and what a module decides, in threads that are started when needed. */
export function createComparer(options: ComparerOptions = {}): Comparer {
  const { atOnce = AT_ONCE, waiting = { count: 256, bytes: 64 * 1024 ** 2 } } = options;
  const { moduleMs = 1_000, moduleHeapMiB = 64, startMs = 10_000, restMs = 30_000 } = options;
  const times = { startMs, restMs, idleMs: IDLE };
  const lanes = createLanes({
    most: waiting,
    modules: 8,
    limits: {
      plain: { ...times, ...LARGE },
      module: { ...times, deadlineMs: moduleMs, heapMiB: moduleHeapMiB },
    },
  });

  return {
    compare(spec, legacy, wasm, onNone = () => undefined) {
      const { compare: rule, error, redact } = spec;
      if (rule.as === 'module') {
        if (areTheSameReply(error, legacy, wasm)) return { result: 'match', differences: [], omitted: 0 };
      } else if (isQuick(rule, error, legacy, wasm, atOnce)) {
        return hideExcerpts(judge(rule, error, legacy, wasm), redact.pointers);
      }
      const question = { rule: rule.as === 'module' ? null : rule, error, legacy, wasm };
      const asked = lanes.ask(rule.as === 'module' ? rule.module : null, question);
      return asked.then((answer) => {
        const comparison = comparisonOf(spec, question, answer);
        if (!('reason' in comparison)) return comparison;
        onNone(comparison);
        return null;
      });
    },
    tryModule: createTrial({ startMs, heapMiB: moduleHeapMiB }),
    close: () => lanes.close(),
  };
}

interface Sides {
  readonly legacy: Ended;
  readonly wasm: Ended;
}

/** The same bytes, which are no error. */
function areTheSameReply(error: ReplyError | null, legacy: Ended, wasm: Ended): boolean {
  if ('code' in legacy || 'code' in wasm) return false;
  return areEqual(legacy.output, wasm.output) && !mayBeErrorReply(error, legacy.output);
}

function isQuick(rule: PlainRule, error: ReplyError | null, legacy: Ended, wasm: Ended, atOnce: number): boolean {
  const sizes = [legacy, wasm].map((ended) => ('code' in ended ? 0 : ended.output.length));
  const most = atOnce / timesAsLong(rule);
  if (sizes.reduce((sum, size) => sum + size) <= most) return true;
  if (areTheSameReply(error, legacy, wasm)) return true;
  const isCompared = rule.as !== 'bytes' && 'output' in legacy && 'output' in wasm;
  return !isCompared && [legacy, wasm].every((ended) => 'code' in ended || !mayBeErrorReply(error, ended.output));
}

/** To pair elements takes long, to decide about numbers near a tolerance without rounding, and to put marks of Unicode in order. */
function timesAsLong(rule: PlainRule): number {
  switch (rule.as) {
    case 'bytes':
      return 1;
    case 'text':
      return rule.unicode === null ? 1 : LONG;
    case 'json': {
      const { absolute, relative } = rule.tolerance;
      return rule.unordered.length > 0 || absolute + relative > 0 ? LONG : DIFFERENT;
    }
    default:
      return rule satisfies never;
  }
}

function comparisonOf(
  { redact }: PluginFunction,
  { legacy, wasm }: Sides,
  answer: Answer | null,
): Comparison | NotCompared {
  if (answer === null) return { reason: 'comparer-busy' };
  if (answer.type === 'answer') return hideExcerpts(answer.comparison, redact.pointers);
  // That much is certain without the module.
  if ('code' in legacy !== 'code' in wasm) return oneFailed('code' in legacy);
  if (answer.type === 'refused') return { reason: 'comparer-unavailable', why: cut(answer.why) };
  // A message can quote a document.
  const detail = answer.detail === null || redact.pointers.length > 0 ? '' : `: ${answer.detail}`;
  return { reason: 'comparer-failed', why: cut(`${answer.why}${detail}`) };
}
