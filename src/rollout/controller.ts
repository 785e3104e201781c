import type { Author, Precondition } from '../domain/control.js';
import { Rejected } from '../domain/control.js';
import type { GatewayEvent } from '../domain/event.js';
import type { Rollout, RolloutEvidence, RolloutTarget, Rollouts, Steered } from '../domain/rollout.js';
import { type ActingControl, cannotTakeBack } from './act.js';
import { createRolloutBook, type RolloutRecord, type RolloutStore } from './book.js';
import { type Every, everyInterval, steadyClock } from './clock.js';
import { createKeeper, type RolloutLog } from './keeper.js';
import { createPlanner } from './planner.js';
import { demandKnown, followersOf, revisionOf, routeOf } from './progress.js';
import { createRun } from './run.js';
import type { Verb } from './transition.js';
import { createTurns } from '../domain/turns.js';
import { createCoalesced } from './coalesced.js';
import { eventOf } from './verbs.js';
import { createWatch } from './watch.js';
import { nameOf } from './words.js';

interface RolloutsOptions {
  readonly control: ActingControl;
  readonly evidence: RolloutEvidence;
  /** Where rollouts are kept. */
  readonly aside: RolloutStore;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Milliseconds on a clock that is never set. */
  readonly steady?: () => number;
  readonly every?: Every;
  readonly onEvent: (event: GatewayEvent) => void;
  readonly log: RolloutLog;
}

/** {@link Rollouts} with what only its owner may do. */
export interface OwnedRollouts extends Rollouts {
  /** Takes up what an earlier process has kept, and begins to look at it once a second. The plugins are there by then. */
  load(): Promise<void>;
  /** To be told of everything that happens: a trip or a change of a route is looked at without waiting for the clock. */
  readonly notice: (event: GatewayEvent) => void;
  /** Stops looking; resolves when what is under way is done and kept. */
  close(): Promise<void>;
}

const EVERY_MS = 1_000;

/** After a look it rests for so many times as long as that took: gates of very many functions take their time. */
const RESTS = 20;
const LONGEST_REST_MS = 10_000;

/** Moves routes by plans; whatever is decided here is done by `control`, as an operator would. */
export function createRollouts(options: RolloutsOptions): OwnedRollouts {
  const { control, evidence, aside, onEvent, log } = options;
  const { now = Date.now, steady = steadyClock, every = everyInterval } = options;
  const inTurn = createTurns();
  const book = createRolloutBook(aside);
  const keeper = createKeeper(book, steady, log);
  const runOptions = { control, evidence, book, keeper, now, onEvent };
  const run = createRun(runOptions);
  const watch = createWatch(run, runOptions);
  const planner = createPlanner(run, { control, evidence, book, now });
  let stop: (() => void) | null = null;
  /** Before it is read, what is kept is not this process's to replace. */
  let loaded = false;
  let restUntil = -Infinity;

  async function ofAll(look: (record: RolloutRecord) => Promise<RolloutRecord>): Promise<void> {
    for (const record of book.all()) {
      await look(record).catch((err: unknown) => {
        log.error({ err, rollout: nameOf(record) }, 'a rollout failed in an unforeseen way: a defect of the gateway');
      });
    }
    await keeper.again();
  }

  async function lookAtAll(): Promise<void> {
    const began = steady();
    await ofAll((record) => watch.look(record));
    const ended = steady();
    restUntil = ended + Math.min((ended - began) * RESTS, LONGEST_REST_MS);
  }

  const lookSoon = createCoalesced(inTurn, lookAtAll);
  const settleSoon = createCoalesced(inTurn, () => ofAll((record) => watch.settled(record)));

  /** The rollout of a target as it is now. */
  async function present(target: RolloutTarget): Promise<RolloutRecord> {
    const record = book.of(target);
    if (record !== null) return await watch.settled(record);
    demandKnown(control.current(), target);
    throw new Rejected({ code: 'not-found', detail: `there is no rollout of ${nameOf(target)}` });
  }

  function demandRevision(record: RolloutRecord, precondition: Precondition): void {
    const revision = revisionOf(control.current(), record);
    if (precondition === '*' || precondition.includes(revision)) return;
    const detail = `the revision of its route is ${revision} by now; read it again, then decide again`;
    throw new Rejected({ code: 'precondition-failed', detail, revision });
  }

  /** An operator's word, in its turn: what it was said of is what it is made of. */
  function asked(
    verb: Verb,
    target: RolloutTarget,
    author: Author,
    precondition: Precondition = '*',
  ): Promise<Steered> {
    return inTurn(async () => {
      const record = await present(target);
      demandRevision(record, precondition);
      // Whoever stops it does not wait for its gates.
      const judgement = verb === 'resume' || verb === 'promote' ? await run.judged(record) : null;
      if (judgement !== null && judgement.failed.length > 0) {
        const detail = `the rollout of ${nameOf(target)} cannot go on: ${judgement.why}; another build, or plan, may`;
        throw new Rejected({ code: 'conflict', detail });
      }
      const route = routeOf(control.current(), record);
      if (verb === 'abort' && route?.stage.stage === 'retired') {
        const detail = `legacy of ${nameOf(target)} is retired, and cannot take calls back: set the route to legacy`;
        throw new Rejected({ code: 'conflict', detail });
      }
      const event = eventOf(verb, {
        at: new Date(now()).toISOString(),
        author,
        inForce: route?.stage ?? null,
        missing: judgement?.progress.missing ?? [],
      });
      // What an operator resumes is the route as it stands, whoever changed it.
      const taken = verb === 'resume' && route !== null ? { ...record, revision: route.revision } : record;
      const obstacle = verb === 'abort' ? cannotTakeBack(followersOf(control.current(), record)) : null;
      const after = await run.happen(taken, event, { author, must: true, ...(judgement && { judgement }) });
      return {
        rollout: await run.view(after),
        warnings:
          obstacle === null ? [] : [`${obstacle}: calls that are taken back are not answered until it is ready`],
      };
    });
  }

  const rolloutOf = async (steered: Promise<Steered>): Promise<Rollout> => (await steered).rollout;

  return {
    load: () =>
      inTurn(async () => {
        await book.load();
        loaded = true;
        await lookAtAll();
        stop ??= every(EVERY_MS, () => {
          if (steady() >= restUntil) lookSoon();
        });
      }),
    notice(event) {
      const concerns = event.type === 'route' || event.type === 'trip' || event.type === 'plugin';
      if (concerns && stop !== null) settleSoon();
    },
    all: () =>
      inTurn(async () => {
        const views: Rollout[] = [];
        for (const record of book.all()) views.push(await run.view(await watch.settled(record)));
        return views;
      }),
    get: (target) => inTurn(async () => await run.view(await present(target))),
    plan: (planning) =>
      inTurn(async () => {
        const { record, warnings } = await planner.begin(planning);
        return { rollout: await run.view(await watch.settled(record)), warnings };
      }),
    pause: (...of) => rolloutOf(asked('pause', ...of)),
    resume: (...of) => rolloutOf(asked('resume', ...of)),
    promote: (...of) => rolloutOf(asked('promote', ...of)),
    abort: (...of) => asked('abort', ...of),
    remove: (...of) => rolloutOf(asked('remove', ...of)),
    async close() {
      stop?.();
      stop = null;
      await inTurn(async () => {
        if (loaded) await keeper.keepSoon();
      });
    },
  };
}
