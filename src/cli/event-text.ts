import { figure } from '../domain/figure.js';
import type { EventView } from '../schema/event.js';
import { backendText } from './backend-text.js';
import { rolloutText } from './rollout-text.js';
import { stageText } from './stage-text.js';
import { nameOf } from './target.js';

/** An event in a line: when, of what, and what happened. */
export function eventText(event: EventView): string {
  return `${event.at}  ${event.type.padEnd(7)}  ${sentenceOf(event)}`;
}

function sentenceOf(event: EventView): string {
  switch (event.type) {
    case 'route': {
      const { revision, changes, omitted } = event;
      const all = changes.map((each) => `${nameOf(each)}: ${stageText(each.from)} -> ${stageText(each.to)}`);
      const what = [...all, ...(omitted > 0 ? [`and ${figure(omitted)} more`] : [])].join('; ');
      return `revision ${revision} ${authorOf(event)}: ${what === '' ? 'nothing differs' : what}`;
    }
    case 'backend':
      return `${event.plugin}/${event.backend} is ${backendText(event)}${becauseOf(event)}`;
    case 'trip': {
      const what = `${event.plugin}/${event.function}`;
      if (event.ended !== null) return `${what} is given to wasm again: ended by ${event.ended}`;
      const { halfOpen, cause, detail } = event;
      return `${what} ${halfOpen ? 'is tried again on wasm, after' : 'was taken back from wasm:'} ${cause}: ${detail}`;
    }
    case 'mismatch': {
      const places = event.differences.map((each) => `${each.pointer === '' ? '(all)' : each.pointer} ${each.kind}`);
      return `${event.plugin}/${event.function} differs at ${places.join(', ')} (${figure(event.total)} so far)`;
    }
    case 'rollout':
      return `${nameOf(event)}: ${rolloutText(event.state, event.steps)}${event.trouble === null ? '' : `; trouble: ${event.trouble}`}`;
    case 'plugin': {
      const { added, changed, removed } = event;
      const groups = Object.entries({ added, changed, removed }).filter(([, names]) => names.length > 0);
      return `reload ${authorOf(event)}: ${groups.map(([what, names]) => `${what} ${names.join(', ')}`).join('; ')}`;
    }
    default:
      return event satisfies never;
  }
}

function authorOf({ by, comment }: { readonly by: string; readonly comment: string | null }): string {
  return comment === null ? `by ${by}` : `by ${by} (${comment})`;
}

function becauseOf({ until, cause, problems = [] }: EventView & { readonly type: 'backend' }): string {
  const why = [...(cause === undefined ? [] : [cause]), ...problems.map((each) => `${each.pointer}: ${each.message}`)];
  return `${until === undefined ? '' : ` until ${until}`}${why.length === 0 ? '' : `: ${why.join('; ')}`}`;
}
