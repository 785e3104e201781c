import type { Child } from './child.js';
import type { Member } from './member.js';

/** One place of the pool. */
export type Slot =
  | { readonly state: 'loading'; readonly child: Child }
  | { readonly state: 'ready'; readonly child: Child }
  /** Its child has ended, and the next one starts at `until`, on the monotonic clock. */
  | { readonly state: 'backing-off'; readonly until: number; readonly cause: string; readonly timer: NodeJS.Timeout }
  /** Not needed so far, or given up. */
  | { readonly state: 'empty' };

export const EMPTY: Slot = { state: 'empty' };

/** The child of a slot that takes calls; null when it has none. */
export function readyChild(slot: Slot): Child | null {
  switch (slot.state) {
    case 'ready':
      return slot.child;
    case 'loading':
    case 'backing-off':
    case 'empty':
      return null;
    default:
      return slot satisfies never;
  }
}

/** The child with the fewest calls, fewer than `room`, that has loaded this member; null when there is none. */
export function freest(slots: readonly Slot[], member: Member, room: number): Child | null {
  let found: Child | null = null;
  for (const slot of slots) {
    if (slot.state !== 'ready' || slot.child.load >= Math.min(room, found?.load ?? Infinity)) continue;
    if (slot.child.roster.includes(member)) found = slot.child;
  }
  return found;
}

/** Empties the slots that wait for their next child. */
export function giveUpWaiting(slots: Slot[]): void {
  for (const [index, slot] of slots.entries()) {
    if (slot.state !== 'backing-off') continue;
    clearTimeout(slot.timer);
    slots[index] = EMPTY;
  }
}
