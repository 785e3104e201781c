import { type Author, Rejected, type RouteEdit } from '../domain/control.js';
import type { LiveFunction, LivePlugin } from '../domain/generation.js';
import type { Stage } from '../domain/stage.js';
import type { ControlOptions } from './options.js';

/** The functions whose stage an edit changes: itself, or those that follow its plugin. */
export function changedBy(live: LivePlugin, edit: RouteEdit): readonly LiveFunction[] {
  return [...live.functions.values()].filter((each) =>
    edit.function === null ? edit.cascade || !each.route.own : each.spec.name === edit.function,
  );
}

/** What is missing before a function may do without legacy; nothing where it has none, or does so already. */
export function missingFor(
  live: LivePlugin,
  changed: LiveFunction,
  stage: Stage | null,
  evidence: ControlOptions['evidence'],
): readonly string[] {
  if (stage?.stage !== 'retired' || live.plugin.backends.legacy === null) return [];
  return changed.route.stage.stage === 'retired' ? [] : evidence.proof(changed, changed.spec.retire);
}

/** Refuses a retirement that is not proved; one that is forced says in the history what was missing. */
export function demandProof(missing: readonly string[], force: boolean, author: Author): Author {
  if (missing.length === 0) return author;
  if (!force) {
    throw new Rejected({
      code: 'conflict',
      detail: `legacy cannot be retired yet: ${missing.join('; ')}. Gather that first (shadow, canary or wasm with a sample), or force it`,
    });
  }
  const forced = `forced without proof: ${missing.join('; ')}`;
  return { ...author, comment: author.comment === null ? forced : `${author.comment} (${forced})` };
}
