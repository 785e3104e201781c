import { type Author, Rejected, type RouteEdit } from '../domain/control.js';
import type { Generation, LiveFunction, LivePlugin } from '../domain/generation.js';
import type { ControlOptions } from './options.js';

/** The functions whose stage an edit changes: itself, or those that follow its plugin. */
export function changedBy(live: LivePlugin, edit: RouteEdit): readonly LiveFunction[] {
  return [...live.functions.values()].filter((each) =>
    edit.function === null ? edit.cascade || !each.route.own : each.spec.name === edit.function,
  );
}

/** What is missing before a function may do without legacy; nothing where it has none, or does so already. */
export function missingFor(
  live: LiveFunction,
  after: Generation,
  evidence: ControlOptions['evidence'],
): readonly string[] {
  const then = after.plugins.get(live.plugin)?.functions.get(live.spec.name)?.route.stage;
  if (then?.stage !== 'retired' || live.legacy === null || live.route.stage.stage === 'retired') return [];
  return evidence.proof(live, live.spec.retire);
}

/**
 * The same of all functions that a change would retire, by whatever route: a sentence for all that lack the same, with their
 * names.
 */
export function missingIn(
  before: Generation,
  after: Generation,
  evidence: ControlOptions['evidence'],
): readonly string[] {
  const lacking = new Map<string, string[]>();
  for (const { functions } of before.plugins.values()) {
    for (const live of functions.values()) {
      const missing = missingFor(live, after, evidence).join('; ');
      if (missing === '') continue;
      const names = lacking.get(missing) ?? [];
      lacking.set(missing, [...names, `${live.plugin}/${live.spec.name}`]);
    }
  }
  return Array.from(lacking, ([missing, names]) => `${names.join(', ')}: ${missing}`);
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
