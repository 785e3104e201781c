import type { Advice, Author, Flip } from '../domain/control.js';
import { Rejected } from '../domain/control.js';
import type { Generation } from '../domain/generation.js';
import type { ControlOptions } from './options.js';
import { changedBy, demandProof, missingFor, missingIn } from './retirement.js';
import { judge, keepTheirOwn, type Mistake, notRunning, pluginOf } from './rules.js';

interface JudgedFlip {
  readonly warnings: readonly string[];
  /** Whose flip it is, with what the history has to say beside the comment. */
  readonly author: Author;
  readonly advice: readonly Advice[];
}

/** What is to be known of a flip, mistakes aside: those reject with `invalid`, an unproved retirement with `conflict`. */
export function judgeFlip(
  generation: Generation,
  after: Generation,
  request: Flip,
  evidence: ControlOptions['evidence'],
): JudgedFlip {
  const mistakes: Mistake[] = [];
  const warnings: string[] = [];
  const advice: Advice[] = [];
  request.edits.forEach((edit, index) => {
    const live = pluginOf(generation, edit);
    if (edit.stage !== null) {
      const judgement = judge(live.plugin, edit.function, edit.stage);
      const prefix = request.scope === 'all' ? `/routes/${index}/stage` : '';
      mistakes.push(...judgement.mistakes.map((each) => ({ ...each, pointer: prefix + each.pointer })));
      warnings.push(...judgement.warnings, ...notRunning(live, edit.stage));
    }
    for (const each of request.dryRun ? changedBy(live, edit) : []) {
      const name = { plugin: live.plugin.name, function: each.spec.name };
      advice.push({ ...name, verdicts: evidence.verdicts(each), missing: missingFor(each, after, evidence) });
    }
    const keeping = edit.function === null && !edit.cascade ? keepTheirOwn(live) : [];
    if (keeping.length > 0) {
      warnings.push(`${keeping.join(', ')}: routes of their own are not changed by this; cascade would drop them`);
    }
  });
  if (mistakes.length > 0) {
    throw new Rejected({
      code: 'invalid',
      detail: mistakes.map((each) => each.message).join('; '),
      errors: mistakes,
    });
  }
  // Whoever only asks is told by the advice.
  if (request.dryRun) return { warnings, author: request.author, advice };
  const forced = request.force === true;
  const missing = missingIn(generation, after, evidence);
  const author = demandProof(missing, forced, request.author);
  return { warnings: forced ? [...warnings, ...missing] : warnings, author, advice };
}
