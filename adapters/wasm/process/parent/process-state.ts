import type { Problem } from '../../../../src/domain/backend.js';
import { describeExit, type Exit, failureFieldsOf } from '../../../../src/domain/exit.js';
import type { Failure } from '../../../../src/domain/failure.js';
import { closed } from '../../parent/outcome.js';

/** Why a process came, or is made to come, to its end. The first reason counts: what follows is its consequence. */
export type End =
  | { readonly cause: 'crash'; readonly exit: Exit }
  | { readonly cause: 'load'; readonly detail: string }
  /** It does not say what became of a call that was stopped. */
  | { readonly cause: 'stuck' }
  | { readonly cause: 'protocol'; readonly detail: string }
  | { readonly cause: 'refused'; readonly problems: readonly Problem[] }
  | { readonly cause: 'closed' };

export type ProcessState =
  | { readonly state: 'loading' }
  | { readonly state: 'ready' }
  /** Killed; nothing is handed to it any more. */
  | { readonly state: 'ending'; readonly end: End }
  | { readonly state: 'ended'; readonly end: End };

/** Why a process is gone that was in this state when it exited. */
export function endOf(state: ProcessState, exit: Exit): End {
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

/** For people: `crash (SIGSEGV)`, `stuck`. */
export function describeEnd(end: End): string {
  switch (end.cause) {
    case 'crash':
      return `crash (${describeExit(end.exit)})`;
    case 'load':
    case 'protocol':
      return `${end.cause} (${end.detail})`;
    case 'stuck':
    case 'refused':
    case 'closed':
      return end.cause;
    default:
      return end satisfies never;
  }
}

/** Why a backend whose first process ends like this cannot be opened. */
export function problemsOf(end: End): readonly Problem[] {
  const pointer = '/backends/wasm/module';
  switch (end.cause) {
    case 'refused':
      return end.problems;
    case 'load':
      return [{ pointer, message: end.detail }];
    case 'crash':
    case 'protocol':
    case 'stuck':
    case 'closed':
      return [{ pointer, message: `its process did not live until it was loaded: ${describeEnd(end)}` }];
    default:
      return end satisfies never;
  }
}

/** Of a call that had begun when its process ended. */
export function crashed(end: End, exit: Exit): Failure {
  switch (end.cause) {
    case 'crash':
      return { code: 'crashed', detail: `its process ended by ${describeExit(exit)}`, ...failureFieldsOf(exit) };
    case 'protocol':
      return { code: 'crashed', detail: `its process sent what is no answer: ${end.detail}`, ...failureFieldsOf(exit) };
    case 'stuck':
    case 'load':
    case 'refused':
      return { code: 'crashed', detail: 'its process was ended during the call', ...failureFieldsOf(exit) };
    case 'closed':
      return closed();
    default:
      return end satisfies never;
  }
}
