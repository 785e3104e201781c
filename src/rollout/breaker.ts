import { type Control, Rejected } from '../domain/control.js';
import type { FailureCode } from '../domain/failure.js';
import type { LiveFunction } from '../domain/generation.js';
import { isInfrastructure } from '../domain/infrastructure.js';
import type { Observation } from '../domain/observation.js';
import type { PluginFunction } from '../domain/plugin.js';
import type { Trip } from '../domain/trip.js';
import { type Every, everyInterval, steadyClock } from './clock.js';
import { FailureWindow } from './failure-window.js';

interface BreakerOptions {
  readonly control: Pick<Control, 'current' | 'trips' | 'trip' | 'endTrips' | 'keepTrips'>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Milliseconds on a clock that is never set. */
  readonly steady?: () => number;
  /** The one clock for all functions. */
  readonly every?: Every;
  readonly log: { error(fields: object, message: string): void };
}

/** Takes functions back to legacy when their wasm fails, by the rule of each; it knows nothing of rollouts. */
export interface Breaker {
  /** To be told of every backend call, with the function as the call found it. Never throws; a success costs next to nothing. */
  readonly observe: (observation: Observation, live: LiveFunction) => void;
  close(): void;
}

/** What is watched of a function for as long as its plugin stays as it is. */
interface Watched {
  readonly window: FailureWindow;
  /** Successes in a row since it is being tried again. */
  probes: number;
  /** Its trip is being ended. */
  ending: boolean;
}

const BEAT_MS = 250;

/** Successes in a row that end a trip, where the rule names no number. */
const PROBES = 5;

/** A rest that probes have doubled over and over is no longer than so many of the first. */
const LONGEST_REST = 10;

export function createBreaker(options: BreakerOptions): Breaker {
  const { control, log, now = Date.now, steady = steadyClock, every = everyInterval } = options;
  // By the specification, which is another object once the plugin changes: a new build begins with a clean slate.
  const watched = new WeakMap<PluginFunction, Watched>();
  /** Of the steady clock, as of the last beat. */
  let time = steady();
  let keeping = false;
  const stop = every(BEAT_MS, beat);

  function watch({ spec }: LiveFunction): Watched {
    let found = watched.get(spec);
    if (found === undefined) {
      found = { window: new FailureWindow(spec.trip, time), probes: 0, ending: false };
      watched.set(spec, found);
    }
    return found;
  }

  function present(plugin: string, functionName: string): LiveFunction | undefined {
    return control.current().plugins.get(plugin)?.functions.get(functionName);
  }

  function observe({ backend, role, outcome, hadItsTime }: Observation, live: LiveFunction): void {
    if (backend !== 'wasm') return;
    const { tripped, effective } = live.route;
    // A plugin's own error comes from a module that works; a full queue, say, tells nothing of it.
    const well = outcome === 'ok' || outcome === 'plugin-error';
    if (!well && !isInfrastructure(outcome)) return;
    if (tripped !== null) {
      // One whose time went by in the queue has tried nothing.
      if (tripped.halfOpen && hadItsTime) probed(live, tripped, well);
    } else if (role === 'primary' && (effective.stage === 'canary' || effective.stage === 'wasm')) {
      const { window } = watch(live);
      if (well) window.success(time);
      else failed(live, window, outcome);
    }
  }

  function failed(live: LiveFunction, window: FailureWindow, cause: FailureCode): void {
    const { plugin, spec, wasm } = live;
    const current = present(plugin, spec.name);
    // Calls that began before a trip, or with another build, may end long after it: they are no news, then or later.
    if (current?.route.tripped !== null || current.wasm !== wasm) return;
    const enough = window.failure(time);
    if (enough === null) return;
    const { stage } = current.route.effective;
    if ((stage !== 'canary' && stage !== 'wasm') || current.legacy?.state().state !== 'ready') return;
    const { restMs, mirror } = spec.trip;
    const trip: Trip = {
      since: iso(now()),
      cause,
      detail: `${enough}, the last of them ${cause}`,
      stage,
      figures: { ...window.figures(), ...(restMs === null ? {} : { rest: restMs }) },
      mirror,
      probeAt: restMs === null ? null : iso(now() + restMs),
      halfOpen: false,
    };
    window.clear();
    put(current, trip);
  }

  /** A call of a function that is being tried again has ended: it decides, if that is still so. */
  function probed(live: LiveFunction, tripped: Trip, well: boolean): void {
    const { plugin, spec } = live;
    const kept = control.trips().find((each) => each.plugin === plugin && each.function === spec.name)?.trip;
    const state = watch(live);
    if (kept?.halfOpen !== true || kept.since !== tripped.since || state.ending) return;
    if (present(plugin, spec.name)?.wasm !== live.wasm) return;
    if (!well) rest(live, kept);
    else if (++state.probes >= (spec.trip.consecutive ?? PROBES)) end(live, state, kept);
  }

  function rest(live: LiveFunction, trip: Trip): void {
    const { restMs } = live.spec.trip;
    const before = Math.max(trip.figures['rest'] ?? 0, restMs ?? 0);
    const next = restMs === null ? null : Math.min(before * 2, restMs * LONGEST_REST);
    put(live, {
      ...trip,
      halfOpen: false,
      probeAt: next === null ? null : iso(now() + next),
      figures: { ...trip.figures, ...(next === null ? {} : { rest: next }) },
    });
  }

  /** That trip alone: an operator may have aborted meanwhile. */
  function end({ plugin, spec }: LiveFunction, state: Watched, { since }: Trip): void {
    state.ending = true;
    control
      .endTrips({ plugin, function: spec.name, since }, { by: 'probe', comment: null })
      .catch((err: unknown) => {
        if (err instanceof Rejected && err.rejection.code === 'not-found') return;
        log.error({ err, plugin, function: spec.name }, 'wasm works again, but its trip could not be ended');
      })
      .finally(() => {
        state.ending = false;
        state.probes = 0;
      });
  }

  /** In force when this returns; what cannot be kept is said. */
  function put({ plugin, spec }: LiveFunction, trip: Trip): void {
    control.trip({ plugin, function: spec.name, trip }).catch((err: unknown) => {
      log.error({ err, plugin, function: spec.name }, 'a trip is in force, but a restart would forget it');
    });
  }

  function keepAgain(): void {
    if (keeping) return;
    keeping = true;
    void control
      .keepTrips()
      // It was said when it could not be kept first.
      .catch(() => undefined)
      .finally(() => {
        keeping = false;
      });
  }

  /** By the time of day, which a restart goes by, too: one that was set back makes no rest longer than it can be. */
  function isDue({ probeAt }: Trip, { spec }: LiveFunction): boolean {
    if (probeAt === null) return false;
    const wait = Date.parse(probeAt) - now();
    return wait <= 0 || (spec.trip.restMs !== null && wait > spec.trip.restMs * LONGEST_REST);
  }

  function beat(): void {
    time = steady();
    keepAgain();
    for (const { plugin, function: functionName, trip } of control.trips()) {
      const live = present(plugin, functionName);
      if (live === undefined) continue;
      // When it ends, whoever ends it, the function begins with a clean slate.
      watch(live).window.clear();
      if (trip.halfOpen || !isDue(trip, live)) continue;
      if (trip.cause === 'gate' || trip.cause === 'abort') continue;
      watch(live).probes = 0;
      put(live, { ...trip, halfOpen: true });
    }
  }

  return { observe, close: stop };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
