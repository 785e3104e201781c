import { readFileSync } from 'node:fs';
import type { ProcessTerms } from '../../../src/domain/native.js';
import type { Child } from './child.js';

/** Linux counts resident memory in pages of this size on the processors that Node runs on. */
const PAGE = 4096;

/** Whether children have done their share: so many calls, or so much growth of resident memory since they were loaded. */
export class Wear {
  readonly #limits: ProcessTerms['recycle'];
  readonly #before = new WeakMap<Child, number>();

  constructor(limits: ProcessTerms['recycle']) {
    this.#limits = limits;
  }

  /** Looked at after each answer. */
  isOverCalls(child: Child): boolean {
    return this.#limits.calls !== null && child.answered >= this.#limits.calls;
  }

  /** Growth is counted from here. */
  begin(child: Child): void {
    if (this.#limits.growth === null || child.pid === undefined) return;
    const now = residentBytes(child.pid);
    if (now !== null) this.#before.set(child, now);
  }

  /** Looked at from time to time. */
  hasGrown(child: Child): boolean {
    const before = this.#before.get(child);
    if (this.#limits.growth === null || before === undefined || child.pid === undefined) return false;
    return (residentBytes(child.pid) ?? before) - before > this.#limits.growth;
  }
}

/** Null for a process that is gone, and where there is no /proc. */
function residentBytes(pid: number): number | null {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
    return Number.isFinite(pages) ? pages * PAGE : null;
  } catch {
    return null;
  }
}
