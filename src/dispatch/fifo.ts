/** A member's place in a line, for as long as it stands there. */
export interface Place<T> {
  readonly member: T;
  before: Place<T> | null;
  behind: Place<T> | null;
  standing: boolean;
}

/**
 * A first-in first-out line that can lose a member in the middle; all of it in constant time.
 *
 * Not a Set, which is given a new table whenever it has run empty, and the old table refers to the new one: once one of
 * them is in the garbage collector's old generation, every later one follows it there, dead, with all that it held. A
 * place that was left refers to nobody (ADR 30).
 */
export class Fifo<T> {
  #first: Place<T> | null = null;
  #last: Place<T> | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(member: T): Place<T> {
    const place: Place<T> = { member, before: this.#last, behind: null, standing: true };
    if (this.#last === null) this.#first = place;
    else this.#last.behind = place;
    this.#last = place;
    this.#length += 1;
    return place;
  }

  shift(): T | undefined {
    const first = this.#first;
    if (first === null) return undefined;
    this.leave(first);
    return first.member;
  }

  /** Gives up a place of this line; answers whether it was still held. */
  leave(place: Place<T>): boolean {
    if (!place.standing) return false;
    const { before, behind } = place;
    if (before === null) this.#first = behind;
    else before.behind = behind;
    if (behind === null) this.#last = before;
    else behind.before = before;
    place.before = place.behind = null;
    place.standing = false;
    this.#length -= 1;
    return true;
  }

  /** Those that stand now, the first one first. */
  members(): readonly T[] {
    const members: T[] = [];
    for (let place = this.#first; place !== null; place = place.behind) members.push(place.member);
    return members;
  }
}
