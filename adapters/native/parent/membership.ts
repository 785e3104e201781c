import { Refused } from '../../../src/domain/backend.js';
import type { NativeSpec } from '../../../src/domain/native.js';
import { problemsOf } from './child-state.js';
import type { Crew } from './crew.js';
import type { Member } from './member.js';

/** To let somebody in, one who is in would have to go, since its file is no longer what it was: it is left in peace. */
export class Displaces extends Error {
  override readonly name = 'Displaces';
}

interface Joining {
  readonly member: Member;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Who is in a pool: lets members in once a child has loaded them beside the others, and out again. One change at a time. */
export class Membership {
  readonly #crew: Crew;
  #members: Member[] = [];
  #joining: Joining[] = [];
  readonly #leaving: Member[] = [];
  #turn: Promise<void> = Promise.resolve();
  readonly #announced: NativeSpec[] = [];
  #closed = false;

  constructor(crew: Crew) {
    this.#crew = crew;
  }

  /** Whether nobody was left: it lets nobody in any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Those that are in, or want to be. */
  get specs(): readonly NativeSpec[] {
    return [
      ...[...this.#members, ...this.#joining.map(({ member }) => member)].map(({ spec }) => spec),
      ...this.#announced,
    ];
  }

  /** Says that somebody is about to join, whom the others wait for; the answered function takes that back, or ends it. */
  announce(spec: NativeSpec): () => void {
    this.#announced.push(spec);
    return () => {
      this.#announced.splice(this.#announced.indexOf(spec), 1);
      this.#admitAll();
    };
  }

  /**
   * Resolves when the member is loaded; rejects with {@link Refused}, or with {@link Displaces} if another pool would have
   * it. Those that were in have noticed nothing.
   */
  join(member: Member): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#joining.push({ member, resolve, reject });
    });
  }

  /** Resolves when no process has the member's library any more. */
  async leave(member: Member): Promise<void> {
    // Those that leave together are gone at once: a gateway that stops starts nothing for those who are next.
    this.#leaving.push(member);
    await this.#inTurn(() => this.#dismissAll());
    // Nobody else has to wait for the calls that still run in the children that it was in.
    await this.#crew.without(member);
  }

  /** Those that come together are loaded together: in one new child, and not in one for each. */
  #admitAll(): void {
    if (this.#announced.length > 0) return;
    void this.#inTurn(async () => {
      const together = [...this.#joining];
      await this.#tryAll(together);
      this.#joining = this.#joining.filter((each) => !together.includes(each));
      if (this.#isDeserted) await this.#close();
    });
  }

  async #tryAll(joining: readonly Joining[]): Promise<void> {
    if (joining.length === 0) return;
    const end = await this.#crew.renew([...this.#usable, ...joining.map(({ member }) => member)]);
    if (end === null) {
      for (const { member, resolve } of joining) {
        this.#members.push(member);
        resolve();
      }
      return;
    }
    if (end.cause === 'refused') {
      const problems = (each: Joining) => end.members.get(each.member);
      for (const each of joining) {
        const why = problems(each);
        if (why !== undefined) each.reject(new Refused(why));
      }
      if (this.#members.some((member) => end.members.has(member))) {
        for (const each of joining) if (problems(each) === undefined) each.reject(new Displaces());
        return;
      }
      await this.#tryAll(joining.filter((each) => problems(each) === undefined));
      return;
    }
    const [only, ...others] = joining;
    if (others.length === 0) only?.reject(new Refused(problemsOf(end)));
    // One of them has taken the process along, and nobody can say which.
    else for (const each of joining) await this.#tryAll([each]);
  }

  async #dismissAll(): Promise<void> {
    const leaving = this.#leaving.splice(0);
    if (leaving.length === 0) return;
    this.#members = this.#members.filter((member) => !leaving.includes(member));
    if (this.#isDeserted) {
      await this.#close();
      return;
    }
    const end = this.#usable.length > 0 ? await this.#crew.renew(this.#usable) : null;
    if (end !== null || this.#usable.length === 0) this.#crew.insist(this.#usable);
    for (const member of leaving) this.#crew.forget(member);
  }

  get #isDeserted(): boolean {
    return this.#members.length + this.#joining.length + this.#announced.length === 0;
  }

  async #close(): Promise<void> {
    this.#closed = true;
    await this.#crew.close();
  }

  get #usable(): readonly Member[] {
    return this.#members.filter((member) => member.refused === null);
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
