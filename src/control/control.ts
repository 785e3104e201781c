import type { Author, Control, Flip, Flipped, Reloaded, Rollback } from '../domain/control.js';
import { Rejected } from '../domain/control.js';
import { routeEvent } from '../domain/event.js';
import type { Generation } from '../domain/generation.js';
import type { Route, RouteInForce } from '../domain/route.js';
import { assemble, routesInForce } from './assemble.js';
import { backendsOf, build } from './build.js';
import type { OpenBackend } from './build.js';
import type { ControlOptions } from './options.js';
import type { Cell } from './cell.js';
import { createCell } from './cell.js';
import { edited } from './edit.js';
import { judgeFlip } from './flip.js';
import { historyEntry } from './history.js';
import { demand } from './precondition.js';
import { prepareReload } from './reload.js';
import { rolledBack } from './rollback.js';
import { judge, pluginOf } from './rules.js';
import { EMPTY_STATE } from './stores/store.js';
import { watchForStall } from './stall.js';
import { stored } from './stored.js';
import { demandProof, missingIn } from './retirement.js';
import { createRoster } from './roster.js';
import { createTripping } from './tripping.js';
import { createTripBook } from './trips.js';
import { createTurns } from '../domain/turns.js';
import { wantedBy } from './unloaded.js';

/** {@link Control} with what only its owner may do. */
export interface OwnedControl extends Control {
  /**
   * Builds the first generation: a plugin that cannot run is disabled or degraded, its neighbours run. Backends that are not
   * open when nothing has moved for a while are `loading` in it.
   */
  load(): Promise<void>;
  /** Retires every backend: resolves when all calls have ended and all backends are closed. */
  close(): Promise<void>;
}

/** How long the first generation waits while no backend gets open. Milliseconds. */
const LOAD_PATIENCE = 3_000;

/** Governs the generations. The first is empty: until `load` there are no plugins. */
export function createControl(options: ControlOptions): OwnedControl {
  const { store, open, reportFor, patienceMs = LOAD_PATIENCE, now = () => new Date() } = options;
  const inTurn = createTurns();
  const reloadInTurn = createTurns();
  const trips = createTripBook(store.aside('trips'));
  let closed = false;
  const roster = createRoster(options);
  let disabled: Generation['disabled'] = new Map();
  const snapshot = (routes: readonly Route[], revision: number): Generation =>
    assemble({ revision, routes, built: roster.all(), disabled, tripOf: (...of) => trips.of(...of)?.trip ?? null });
  const cell: Cell = createCell(snapshot(store.newest().routes, store.newest().revision));

  /** The same routes with what has changed around them. */
  const swapInPlace = (): void => cell.swap(snapshot(cell.current().routes, cell.current().revision));

  /** Built first, durable second, live third: whoever is answered can rely on it. */
  async function commit(routes: readonly Route[], author: Author): Promise<void> {
    const next = await roster.fitted(routes);
    const revision = store.newest().revision + 1;
    const before = store.newest();
    const after = { revision, at: now().toISOString(), by: author.by, comment: author.comment, routes };
    try {
      await stored(store.commit(after));
    } catch (error) {
      roster.discard(next);
      throw error;
    }
    roster.replace(next, () => cell.swap(snapshot(routes, revision)));
    options.onEvent(routeEvent(historyEntry(before, after)));
  }

  async function flip(request: Flip): Promise<Flipped> {
    const generation = cell.current();
    const revision = store.newest().revision + 1;
    const routes = request.edits.reduce((all, edit) => edited(all, edit, revision), generation.routes);
    const wouldBe = snapshot(routes, revision);
    const { warnings, author, advice } = judgeFlip(generation, wouldBe, request, options.evidence);
    const [first] = request.edits;
    const route = request.scope === 'route' && first !== undefined ? inGeneration(generation, first).revision : null;
    demand(request.precondition, { route, all: generation.revision });

    // Dropping what is not there is done already: no revision says that nothing changed.
    const idle = request.edits.every((edit) => edit.stage === null && !inGeneration(generation, edit).own);
    if (!request.dryRun && !idle) await commit(routes, author);
    const after = request.dryRun ? snapshot(routes, generation.revision) : cell.current();
    return {
      revision: after.revision,
      routes: request.edits.map((edit) => inGeneration(after, edit)),
      warnings,
      advice,
    };
  }

  async function rollback(request: Rollback): Promise<Flipped> {
    const generation = cell.current();
    const { plugin, function: functionName } = request;
    const live = plugin === null ? null : pluginOf(generation, { plugin, function: functionName });
    const route =
      live === null || plugin === null ? null : inGeneration(generation, { plugin, function: functionName });
    demand(request.precondition, { route: route?.revision ?? null, all: generation.revision });

    const target = request.revision ?? generation.revision - 1;
    const then = target < 0 ? null : await stored(store.revision(target));
    if (then === null) {
      throw new Rejected({ code: 'not-found', detail: `revision ${target} does not exist, or is no longer retained` });
    }
    const revision = generation.revision + 1;
    const routes = rolledBack(generation.routes, then.routes, { plugin, function: functionName }, revision);
    const wouldBe = snapshot(routes, revision);
    refuseWhatCannotRun(wouldBe);
    demandProof(missingIn(generation, wouldBe, options.evidence), false, request.author);
    const comment = request.author.comment ?? `rollback to revision ${target}`;
    await commit(routes, { ...request.author, comment });
    const after = cell.current();
    return {
      revision: after.revision,
      routes: routesInForce(after).filter((each) => each.revision === after.revision),
      warnings: [],
      advice: [],
    };
  }

  async function reload(author: Author): Promise<Reloaded> {
    try {
      // Opening a backend may take its time; flips do not wait for it, only for the swap.
      const wanted = wantedBy(cell.current().routes);
      const next = await prepareReload({ ...options, previous: roster.all(), wanted });
      return await inTurn(async () => {
        if (closed) {
          await next.giveUp();
          throw new Rejected({ code: 'conflict', detail: 'the gateway is on its way out' });
        }
        await next.settle(cell.current());
        // A flip may have come in between that retired legacy, or took it back.
        const fitted = await roster.fitted(cell.current().routes, next.beside(roster.all()));
        disabled = next.disabled;
        roster.replace(fitted, () => {
          swapInPlace();
          options.onApply(true);
          const { added, changed, removed } = next.summary;
          if (added.length + changed.length + removed.length > 0) {
            options.onEvent({ type: 'plugin', ...author, added, changed, removed });
          }
        });
        return { revision: cell.current().revision, ...next.summary };
      });
    } catch (error) {
      options.onApply(false);
      throw error;
    }
  }

  const tripping = createTripping({ trips, current: () => cell.current(), swapInPlace, onEvent: options.onEvent });

  const counted = async <T>(change: Promise<T>): Promise<T> => {
    try {
      const result = await change;
      options.onFlip('accepted');
      return result;
    } catch (error) {
      if (error instanceof Rejected) options.onFlip(error.rejection.code);
      throw error;
    }
  };

  return {
    load: () =>
      inTurn(async () => {
        await trips.load();
        const found = await options.discover();
        const stall = watchForStall(patienceMs);
        const wanted = wantedBy(cell.current().routes);
        const openWatched: OpenBackend = (...backend) => open(...backend).finally(() => stall.moved());
        const built = await Promise.all(
          [...found.plugins.values()].map((plugin) =>
            build(plugin, undefined, { open: openWatched, reportFor, wanted, enough: stall.reached }),
          ),
        );
        stall.end();
        disabled = found.disabled;
        roster.replace(built, swapInPlace);
        options.onApply(true);
      }),
    current: () => cell.current(),
    routes: () => routesInForce(cell.current()),
    flip: (request) => (request.dryRun ? inTurn(() => flip(request)) : counted(inTurn(() => flip(request)))),
    rollback: (request) => counted(inTurn(() => rollback(request))),
    trips: () => trips.all(),
    trip: (made) => tripping.trip(made),
    endTrips: (target, author) => inTurn(() => tripping.end(target, author)),
    async keepTrips() {
      if (trips.isBehind()) await stored(trips.keep());
    },
    reload: (author) => reloadInTurn(() => reload(author)),
    async history(limit) {
      const documents = await stored(store.revisions(limit + 1));
      return documents
        .slice(0, limit)
        .map((document, index) =>
          historyEntry(documents[index + 1] ?? (document.revision === 1 ? EMPTY_STATE : null), document),
        );
    },
    async close() {
      closed = true;
      await inTurn(() => Promise.all(backendsOf(roster.all()).map((backend) => backend.retire())));
    },
  };
}

function inGeneration(generation: Generation, of: { plugin: string; function: string | null }): RouteInForce {
  const live = pluginOf(generation, of);
  return (of.function === null ? undefined : live.functions.get(of.function)?.route) ?? live.route;
}

/** A state of the past may ask for a backend that its plugin has lost since. */
function refuseWhatCannotRun(generation: Generation): void {
  for (const live of generation.plugins.values()) {
    for (const route of [live.route, ...[...live.functions.values()].map((each) => each.route)]) {
      const { mistakes } = judge(live.plugin, route.function, route.stage);
      if (mistakes.length > 0) {
        const detail = `that revision cannot be made again: ${mistakes.map((each) => each.message).join('; ')}`;
        throw new Rejected({ code: 'conflict', detail });
      }
    }
  }
}
