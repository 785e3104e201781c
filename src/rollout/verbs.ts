import type { Author } from '../domain/control.js';
import type { Stage } from '../domain/stage.js';
import type { RolloutEvent, Verb } from './transition.js';

interface Circumstances {
  readonly at: string;
  readonly author: Author;
  /** What is in force as the operator speaks; null: the gateway has no such plugin or function at present. */
  readonly inForce: Stage | null;
  /** What keeps the rollout from moving on. */
  readonly missing: readonly string[];
}

/** What an operator says, as the event that it is to a rollout. */
export function eventOf(verb: Verb, { at, author, inForce, missing }: Circumstances): RolloutEvent {
  const { by, comment } = author;
  const because = comment === null ? '' : `: ${comment}`;
  switch (verb) {
    case 'pause':
      return { type: 'pause', at, by, why: comment ?? `paused by ${by}` };
    case 'resume':
      return { type: 'resume', at, by, inForce };
    case 'promote': {
      const although = missing.length === 0 ? '' : `, although ${missing.join('; ')}`;
      return { type: 'promote', at, by, why: `promoted by ${by}${because}${although}` };
    }
    case 'abort':
      return { type: 'abort', at, by, why: `aborted by ${by}${because}` };
    case 'remove':
      return { type: 'remove', at, by, why: comment ?? `removed by ${by}` };
    default:
      return verb satisfies never;
  }
}
