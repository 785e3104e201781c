import type { Command } from 'commander';
import { functionEvidenceView, pluginEvidenceView } from '../schema/evidence.js';
import { ask } from './admin-client.js';
import { evidenceText } from './evidence-text.js';
import { printLine, printRaw } from './print.js';
import { steering, type SteeringOptions } from './steering.js';
import { nameOf, parseTarget, type Target } from './target.js';

export function addEvidence(program: Command): void {
  steering(program.command('evidence'))
    .description('show how both sides of a function compare: calls, mismatches, bounds, latency, gates')
    .argument('<target>', 'PLUGIN or PLUGIN/FUNCTION', parseTarget)
    .action(showEvidence);
}

async function showEvidence(target: Target, options: SteeringOptions): Promise<void> {
  const path = `/api/v1/evidence/${nameOf(target)}`;
  const { text, functions } =
    target.function === null
      ? await ask(options, path, pluginEvidenceView).then(({ text, value }) => ({ text, functions: value.functions }))
      : await ask(options, path, functionEvidenceView).then(({ text, value }) => ({ text, functions: [value] }));
  if (options.json) {
    printRaw(text);
    return;
  }
  functions.forEach((each, index) => {
    if (index > 0) printLine();
    for (const line of evidenceText(each)) printLine(line);
  });
}
