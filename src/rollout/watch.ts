import { Rejected } from '../domain/control.js';
import type { LiveFunction } from '../domain/generation.js';
import { cannotTakeBack, isOnWasm, takeBack } from './act.js';
import type { RolloutRecord } from './book.js';
import type { Judgement } from './judge.js';
import { counted, followersOf, routeOf } from './progress.js';
import type { Run, RunOptions } from './run.js';
import { isStageOf } from './steps.js';
import { isUnderWay, type RolloutEvent, stepOf } from './transition.js';
import { nameOf, stepWords } from './words.js';

/** Lets a rollout take in what is going on. One thing at a time, as with {@link Run}; neither rejects for a reason that passes. */
export interface Watch {
  /** Takes in what has changed around it: its route, trips, builds, and a flip that a restart cut off. */
  settled(record: RolloutRecord): Promise<RolloutRecord>;
  /** The same; then it moves on, trips or waits, as its gates, its clock and its calls say. */
  look(record: RolloutRecord): Promise<RolloutRecord>;
}

const BY = 'rollout';

/** So far back in the history it is looked up who changed a route. */
const REVISIONS = 100;

export function createWatch(run: Run, { control, evidence, book, keeper, now }: RunOptions): Watch {
  const at = (): string => new Date(now()).toISOString();

  function byItself(record: RolloutRecord, event: RolloutEvent, judgement?: Judgement): Promise<RolloutRecord> {
    const occasion = { author: { by: BY, comment: null }, must: false };
    return run.happen(record, event, judgement === undefined ? occasion : { ...occasion, judgement });
  }

  /** A flip that was decided, and that the end of the process may have prevented. */
  async function finished(record: RolloutRecord): Promise<RolloutRecord> {
    const { moving, plan, state } = record;
    const route = routeOf(control.current(), record);
    if (moving === null || route === null) return record;
    const step = stepOf(state, plan);
    const isMade = route.revision !== moving.basis && route.own && isStageOf(plan, step, route.stage);
    const next = { ...record, revision: isMade ? route.revision : moving.basis, moving: null };
    // An operator who has stopped it since has the last word.
    if (isMade || !isUnderWay(state)) {
      book.set(next);
      await keeper.keepSoon();
      return next;
    }
    try {
      const author = { by: BY, comment: `${stepWords(plan, step)}: decided before a restart` };
      await run.flip(next, record, { precondition: [moving.basis], author });
    } catch (error) {
      // While the store cannot say, it may still be made; else it never will be.
      if (!isPassing(error)) book.set({ ...next, state: moving.before });
      throw error;
    }
    return book.of(record) ?? next;
  }

  async function settled(given: RolloutRecord): Promise<RolloutRecord> {
    const record = given.moving === null ? given : await orWait(given, finished);
    const route = routeOf(control.current(), record);
    if (route === null) return record;
    if (record.moving !== null) return await tripped(record);
    const followers = followersOf(control.current(), record);
    const tally = counted(record, followers, evidence);
    book.set(tally.record);
    if (tally.record.calls !== record.calls) keeper.counted();
    await holdBack(
      tally.record,
      followers.filter(
        ({ spec, route: { tripped } }) => !Object.hasOwn(record.seen, spec.name) && tripped?.cause !== 'abort',
      ),
    );

    let current = tally.record;
    if (tally.rebuilt) current = await byItself(current, { type: 'rebuilt', at: at() });
    if (route.revision !== current.revision && isUnderWay(current.state)) {
      current = await byItself(current, await foreign(route.revision));
    }
    const isTripped = followersOf(control.current(), record).some((live) => live.route.tripped !== null);
    if (isTripped) return await tripped(current);
    const couldBeTripped = followers.some((live) => live.legacy !== null);
    return couldBeTripped ? await byItself(current, { type: 'untripped', at: at() }) : current;
  }

  /** Takes in that something which goes by its route is tripped, if anything is. */
  async function tripped(record: RolloutRecord): Promise<RolloutRecord> {
    for (const { spec, route } of followersOf(control.current(), record)) {
      if (route.tripped === null) continue;
      const { cause, detail } = route.tripped;
      return await byItself(record, { type: 'tripped', at: at(), cause, why: `${spec.name}: ${detail}` });
    }
    return record;
  }

  /**
   * An abort holds for the route, whoever comes to follow it later. That they have is kept, lest a restart takes back again
   * what an operator has given to wasm since.
   */
  async function holdBack(record: RolloutRecord, joined: readonly LiveFunction[]): Promise<void> {
    if (record.state.state !== 'aborted' || joined.length === 0) return;
    const detail = `it follows the route of ${nameOf(record)}, whose rollout was aborted by ${record.state.by}`;
    await orWait(record, async () => {
      await takeBack(control, joined, () => ({ cause: 'abort', detail, figures: {} }), at());
      return record;
    });
    await keeper.keepSoon();
  }

  async function foreign(revision: number): Promise<RolloutEvent> {
    const history = await control.history(REVISIONS).catch(() => []);
    const entry = history.find((each) => each.revision === revision);
    const comment = entry?.comment ?? null;
    const why = `revision ${revision} changed its route${comment === null ? '' : `: ${comment}`}`;
    return { type: 'foreign', at: at(), by: entry?.by ?? 'somebody else', why };
  }

  async function look(given: RolloutRecord): Promise<RolloutRecord> {
    return await orWait(await settled(given), async (record) => {
      const { state } = record.state;
      if (routeOf(control.current(), record) === null || record.moving !== null) return record;
      // Where nothing moves, its gates are asked of whatever callers reach by wasm: of what is tripped they have said no.
      const moves = state === 'running' || state === 'awaiting';
      const those = followersOf(control.current(), record).filter((live) => moves || isOnWasm(live));
      if (!moves && those.length === 0) return record;
      const judgement = await run.judged(record, those);
      const { verdict, failed, progress, overdue, why } = judgement;
      const obstacle = cannotTakeBack(failed.map(({ live }) => live));
      if (obstacle !== null) {
        // No figures: each other sentence is news.
        const names = [...new Set(failed.map(({ live }) => live.spec.name))];
        throw new Waits(`gates of ${names.join(', ')} fail, but ${obstacle}: callers stay with wasm until it is ready`);
      }
      const met = verdict === 'pass' && progress.missing.length === 0;
      return await byItself(record, { type: 'judged', at: at(), verdict, met, overdue, why }, judgement);
    });
  }

  /** What the store refuses is tried again by the next look; what control refuses leaves the rollout paused. */
  async function orWait(
    record: RolloutRecord,
    task: (record: RolloutRecord) => Promise<RolloutRecord>,
  ): Promise<RolloutRecord> {
    try {
      const after = await task(record);
      keeper.noteTrouble(record, null);
      return after;
    } catch (error) {
      const left = book.of(record) ?? record;
      if (error instanceof Waits) {
        if (keeper.noteTrouble(record, error.message)) await run.tell(left);
        return left;
      }
      if (!(error instanceof Rejected)) throw error;
      const { code, detail } = error.rejection;
      // Somebody else was faster: the next look finds out who.
      if (code === 'precondition-failed') return left;
      if (isPassing(error)) {
        keeper.noteTrouble(record, detail);
        return left;
      }
      return await byItself(left, { type: 'foreign', at: at(), by: BY, why: `its step was refused: ${detail}` });
    }
  }

  return { settled, look };
}

function isPassing(error: unknown): boolean {
  return error instanceof Rejected && error.rejection.code === 'store-unavailable';
}

/** What has to be done cannot be done for now. */
class Waits extends Error {
  override readonly name = 'Waits';
}
