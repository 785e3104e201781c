import type { LiveFunction } from '../domain/generation.js';
import type { PluginFunction } from '../domain/plugin.js';
import type { Log } from './log.js';

/** Of one function it is told at most so often. Milliseconds. */
const TOLD_EVERY = 60_000;

interface Told {
  at: number;
  /** Calls since. */
  calls: number;
}

/**
 * Tells in the log of calls that were not compared because what compares them has failed: of a function when that
 * begins and then once a minute, with how many there were; anew after a reload that changed its plugin.
 */
export function comparerReport(options: {
  readonly log: Pick<Log, 'warn'>;
  /** Milliseconds. */
  readonly now?: () => number;
}): (live: LiveFunction, why: string) => void {
  const { log, now = () => performance.now() } = options;
  // A flip makes functions anew, and not what the manifest says of them.
  const functions = new WeakMap<PluginFunction, Told>();

  return ({ plugin, spec }, why) => {
    let told = functions.get(spec);
    if (told === undefined) functions.set(spec, (told = { at: Number.NEGATIVE_INFINITY, calls: 0 }));
    told.calls += 1;
    if (now() - told.at < TOLD_EVERY) return;
    const { compare } = spec;
    const about = { plugin, function: spec.name, why, calls: told.calls };
    if (compare.as === 'module') {
      const message = 'calls were not compared: the module of `compare.by` failed; mend it, then reload';
      log.warn({ ...about, module: compare.module.path }, message);
    } else {
      log.warn(about, 'calls were not compared: it takes too much for documents of this size; simplify `compare`');
    }
    Object.assign(told, { at: now(), calls: 0 });
  };
}
