import type { BackendState } from '../../../src/domain/backend.js';
import type { Member } from './member.js';

/** Tells each member's report of its state, when that has changed. */
export class Announcer {
  readonly #told = new Map<Member, string>();

  /** Those who have been told something, and have not left. */
  get members(): Iterable<Member> {
    return this.#told.keys();
  }

  tell(member: Member, state: BackendState): void {
    const told = JSON.stringify(state);
    if (told === this.#told.get(member)) return;
    this.#told.set(member, told);
    member.report({ type: 'state', state });
  }

  /** It has left: the last thing that it is told. */
  dismiss(member: Member): void {
    this.#told.delete(member);
    member.report({ type: 'state', state: { state: 'unloaded' } });
  }
}
