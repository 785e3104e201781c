import type { Author, Precondition } from '../domain/control.js';
import { Rejected } from '../domain/control.js';
import type { GatewayEvent } from '../domain/event.js';
import type { LiveFunction } from '../domain/generation.js';
import type { Rollout, RolloutEvidence } from '../domain/rollout.js';
import { type ActingControl, flipTo, giveBack, takeBack, takeBackFailed } from './act.js';
import type { RolloutBook, RolloutRecord } from './book.js';
import { moved } from './history.js';
import { judge, type Judgement } from './judge.js';
import type { Keeper } from './keeper.js';
import { followersOf, routeOf } from './progress.js';
import { type Effect, type RolloutEvent, stepOf, transition } from './transition.js';
import { viewOf } from './view.js';
import { nameOf, stepWords } from './words.js';

export interface RunOptions {
  readonly control: ActingControl;
  readonly evidence: RolloutEvidence;
  readonly book: RolloutBook;
  readonly keeper: Keeper;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onEvent: (event: GatewayEvent) => void;
}

/** Makes true what happens to a rollout. One thing at a time: whoever calls these sees to that. */
export interface Run {
  /** What its gates say of every function that goes by its route, or of `those` alone. */
  judged(record: RolloutRecord, those?: readonly LiveFunction[]): Promise<Judgement>;
  /**
   * Makes what an event brings about, and answers the record as it is then. Rejects with `conflict` for what does not fit
   * the state, and with what a flip is refused for; what an operator asked for (`must`) is kept when it resolves.
   */
  happen(record: RolloutRecord, event: RolloutEvent, occasion: Occasion): Promise<RolloutRecord>;
  /** Puts a record in force by a flip to its step; `before` is what stands again if that fails. Answers warnings. */
  flip(next: RolloutRecord, before: RolloutRecord | null, order: FlipOrder): Promise<readonly string[]>;
  /** Puts a record in force as it is; `before` is what stands again if it cannot be kept. */
  adopt(next: RolloutRecord, before: RolloutRecord | null): Promise<void>;
  view(record: RolloutRecord): Promise<Rollout>;
  /** Lets everybody know how it stands. */
  tell(record: RolloutRecord): Promise<void>;
}

interface Occasion {
  readonly author: Author;
  readonly must: boolean;
  /** What is known already; else it is asked for where it is needed. */
  readonly judgement?: Judgement;
}

interface FlipOrder {
  readonly precondition: Precondition;
  readonly author: Author;
}

/** Characters of a comment in the history. */
const COMMENT_LIMIT = 500;

export function createRun({ control, evidence, book, keeper, now, onEvent }: RunOptions): Run {
  const followers = (record: RolloutRecord) => followersOf(control.current(), record);
  const judged = (record: RolloutRecord, those?: readonly LiveFunction[]): Promise<Judgement> =>
    judge(record, followers(record), evidence, now(), those);
  const view = async (record: RolloutRecord): Promise<Rollout> =>
    viewOf(record, routeOf(control.current(), record), await judged(record), keeper.troubleOf(record));

  async function tell(record: RolloutRecord): Promise<void> {
    onEvent({ type: 'rollout', plugin: record.plugin, function: record.function, rollout: await view(record) });
  }

  function restore(next: RolloutRecord, before: RolloutRecord | null): void {
    if (before === null) book.remove(next);
    else book.set(before);
  }

  function forget(record: RolloutRecord): void {
    book.remove(record);
    keeper.noteTrouble(record, null);
  }

  async function adopt(next: RolloutRecord, before: RolloutRecord | null): Promise<void> {
    book.set(next);
    try {
      await keeper.keep();
    } catch (error) {
      restore(next, before);
      throw error;
    }
    await tell(next);
  }

  /** Durable before it is made: a restart in between makes it, once. */
  async function flip(next: RolloutRecord, before: RolloutRecord | null, order: FlipOrder): Promise<readonly string[]> {
    const { plan, state } = next;
    // A step of another plan is none to go back to.
    const back = before !== null && before.plan === plan ? before.state : state;
    book.set({ ...next, moving: { basis: next.revision, before: back } });
    const target = { plugin: next.plugin, function: next.function };
    const { revision, warnings } = await keeper
      .keep()
      .then(() => flipTo(control, { target, plan, step: stepOf(state, plan), ...order }))
      .catch(async (error: unknown) => {
        restore(next, before);
        await keeper.keepSoon();
        throw error;
      });
    const done = { ...next, revision, moving: null };
    book.set(done);
    await keeper.keepSoon();
    await tell(done);
    return warnings;
  }

  async function happen(record: RolloutRecord, event: RolloutEvent, occasion: Occasion): Promise<RolloutRecord> {
    const outcome = transition(record.state, event, record.plan);
    if ('refusal' in outcome) {
      throw new Rejected({ code: 'conflict', detail: `the rollout of ${nameOf(record)}: ${outcome.refusal}` });
    }
    if (outcome.state === record.state && outcome.effects.length === 0) return record;
    const { author, must } = occasion;
    const does = (type: Effect['type']): boolean => outcome.effects.some((effect) => effect.type === type);

    // Callers first: what protects them holds, whatever the store says.
    const unkept = does('trip') ? await takenBack(record, outcome, event.at, occasion.judgement) : null;
    const { figures } = occasion.judgement ?? (await judged(record));
    const next = moved(record, event, outcome, figures);

    // Trips end last: whatever fails before leaves callers with legacy.
    const thenGiveBack = async (): Promise<void> => {
      if (does('end-trips')) await giveBack(control, followers(record), author);
    };
    if (does('flip')) {
      const comment = author.comment ?? `${stepWords(next.plan, stepOf(next.state, next.plan))}: ${outcome.why}`;
      const by = { by: author.by, comment: comment.slice(0, COMMENT_LIMIT) };
      await flip(next, record, { precondition: [record.revision], author: by });
      await thenGiveBack();
      return book.of(next) ?? next;
    }
    if (must && !does('trip')) {
      await adopt(next, record);
      await thenGiveBack();
      if (does('forget')) forget(next);
      return next;
    }
    book.set(next);
    const problem = (await keeper.keepSoon()) ?? unkept;
    await tell(next);
    if (must && problem !== null) throw inForceButNotKept(problem);
    return next;
  }

  /** Answers why the trips are not kept, if they are not: in force they are. */
  async function takenBack(
    record: RolloutRecord,
    { effects, why }: { readonly effects: readonly Effect[]; readonly why: string },
    since: string,
    judgement: Judgement | undefined,
  ): Promise<Rejected | null> {
    const byGate = effects.some((effect) => effect.type === 'trip' && effect.cause === 'gate');
    const aborted = { cause: 'abort', detail: why, figures: {} } as const;
    try {
      if (byGate) await takeBackFailed(control, judgement?.failed ?? [], since);
      else await takeBack(control, followers(record), () => aborted, since);
      return null;
    } catch (error) {
      if (error instanceof Rejected) return error;
      throw error;
    }
  }

  return { judged, happen, flip, adopt, view, tell };
}

function inForceButNotKept({ rejection }: Rejected): Rejected {
  const detail = `it is in force, but a restart would forget it: ${rejection.detail}`;
  return new Rejected({ code: 'store-unavailable', detail });
}
