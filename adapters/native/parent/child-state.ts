import type { Problem } from '../../../src/domain/backend.js';
import { describeExit, type Exit } from '../../../src/domain/exit.js';
import { AT } from '../protocol/opening.js';
import type { RefusedMembers } from './member.js';

/** Why a child came, or is made to come, to its end. The first reason counts: what follows is its consequence. */
export type End =
  | { readonly cause: 'crash'; readonly exit: Exit }
  | { readonly cause: 'load'; readonly detail: string }
  | { readonly cause: 'timeout' }
  /** It runs no call and begins none: the library keeps it after an answer, or somebody stopped it. */
  | { readonly cause: 'stuck' }
  | { readonly cause: 'protocol'; readonly detail: string }
  | { readonly cause: 'refused'; readonly members: RefusedMembers }
  /** It had done its share, and another one has taken its place. */
  | { readonly cause: 'recycled' }
  | { readonly cause: 'closed' };

export type ChildState =
  | { readonly state: 'loading' }
  | { readonly state: 'ready' }
  /** Killed or asked to leave; it may still run, but nothing is handed to it any more. */
  | { readonly state: 'ending'; readonly end: End }
  | { readonly state: 'ended'; readonly end: End };

export type ChildEvent =
  | { readonly type: 'loaded' }
  | { readonly type: 'ends'; readonly end: End }
  | { readonly type: 'exited'; readonly exit: Exit };

/** Every change of a child's state. */
export function next(state: ChildState, event: ChildEvent): ChildState {
  switch (event.type) {
    case 'loaded':
      return state.state === 'loading' ? { state: 'ready' } : state;
    case 'ends':
      return state.state === 'loading' || state.state === 'ready' ? { state: 'ending', end: event.end } : state;
    case 'exited':
      return { state: 'ended', end: endOf(state, event.exit) };
    default:
      return event satisfies never;
  }
}

/** Why a child is gone that was in this state when it exited. */
export function endOf(state: ChildState, exit: Exit): End {
  switch (state.state) {
    case 'loading':
      return { cause: 'load', detail: `its process ended while it was being loaded: ${describeExit(exit)}` };
    case 'ready':
      return { cause: 'crash', exit };
    case 'ending':
    case 'ended':
      return state.end;
    default:
      return state satisfies never;
  }
}

/** For people: `crash (SIGSEGV)`, `timeout`. */
export function describeEnd(end: End): string {
  switch (end.cause) {
    case 'crash':
      return `crash (${describeExit(end.exit)})`;
    case 'load':
    case 'protocol':
      return `${end.cause} (${end.detail})`;
    case 'timeout':
    case 'stuck':
    case 'refused':
    case 'recycled':
    case 'closed':
      return end.cause;
    default:
      return end satisfies never;
  }
}

/** Why a backend whose first child ends like this cannot be opened. */
export function problemsOf(end: End): readonly Problem[] {
  switch (end.cause) {
    case 'refused':
      return [...end.members.values()].flat();
    case 'load':
      return [{ pointer: AT.library, message: end.detail }];
    case 'crash':
    case 'protocol':
    case 'timeout':
    case 'stuck':
    case 'recycled':
    case 'closed':
      return [{ pointer: AT.library, message: `its process did not live until it was loaded: ${describeEnd(end)}` }];
    default:
      return end satisfies never;
  }
}
