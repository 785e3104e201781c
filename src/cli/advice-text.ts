import type { AdviceView } from '../schema/api.js';
import { verdictText } from './verdict-text.js';

/** What the evidence says about each function, as lines. */
export function adviceText(advice: readonly AdviceView[]): readonly string[] {
  return advice.flatMap(({ plugin, function: functionName, verdicts, missing }) => [
    `${plugin}/${functionName}:${verdicts.length === 0 ? ' no evidence' : ''}`,
    ...verdicts.map((each) => `  ${verdictText(each)}`),
    ...missing.map((each) => `  missing: ${each}`),
  ]);
}
