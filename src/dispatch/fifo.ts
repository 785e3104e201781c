/** A first-in first-out line that can lose a member in the middle; all of it in constant time. */
export class Fifo<T> {
  // A Set keeps insertion order and deletes anywhere.
  readonly #members = new Set<T>();

  get length(): number {
    return this.#members.size;
  }

  push(member: T): void {
    this.#members.add(member);
  }

  shift(): T | undefined {
    for (const member of this.#members) {
      this.#members.delete(member);
      return member;
    }
    return undefined;
  }

  /** Whether it was there. */
  remove(member: T): boolean {
    return this.#members.delete(member);
  }
}
