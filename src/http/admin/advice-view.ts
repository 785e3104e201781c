import type { Flipped } from '../../domain/control.js';
import type { AdviceView } from '../../schema/api.js';

/** What the answer to a dry run has beside the routes. */
export function adviceIn({ advice }: Flipped, dryRun: boolean): { readonly advice?: AdviceView[] } {
  if (!dryRun) return {};
  return { advice: advice.map((each) => ({ ...each, verdicts: [...each.verdicts], missing: [...each.missing] })) };
}
