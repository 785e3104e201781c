import { Argument, type Command } from 'commander';
import { STAGE_NAMES } from '../domain/stage.js';
import { flippedRouteView, routeView } from '../schema/api.js';
import { ask } from './admin-client.js';
import { adviceText } from './advice-text.js';
import { commentHeader } from './comment-header.js';
import { ifMatchHeader, parseIfMatch } from './if-match.js';
import { parseNumber } from './numbers.js';
import { printError, printLine, printRaw } from './print.js';
import { printRoutes } from './print-routes.js';
import { steering, type SteeringOptions } from './steering.js';
import { parseTarget, pathOf, type Target } from './target.js';

interface SetOptions extends SteeringOptions {
  readonly percent?: number;
  readonly sample?: number;
  readonly allow?: readonly string[];
  readonly fallback?: true;
  readonly comment?: string;
  readonly cascade?: true;
  readonly dryRun?: true;
  readonly force?: true;
  readonly ifMatch?: string;
}

export function addSet(program: Command): void {
  steering(program.command('set'))
    .description('put a plugin, or one function, in a stage')
    .argument('<target>', 'PLUGIN or PLUGIN/FUNCTION', parseTarget)
    .addArgument(new Argument('<stage>').choices(STAGE_NAMES))
    .option('--percent <n>', 'canary: the share of keys that wasm answers, 0 to 100 in steps of 0.01', parseNumber)
    .option('--sample <n>', 'the share of calls that both sides run, to be compared', parseNumber)
    .option('--allow <key...>', 'canary: keys that wasm always answers')
    .option('--fallback', 'when wasm fails, legacy answers')
    .option('--comment <text>', 'why; it goes into the history')
    .option('--cascade', "of a plugin: drop its functions' own routes")
    .option('--dry-run', 'say what would be and what the evidence says about it, and change nothing')
    .option('--force', 'retired: without proof; the history says so')
    .option('--if-match <revision>', 'only if this revision last changed it; * for whatever it is', parseIfMatch)
    .addHelpText(
      'after',
      `
Examples:
  banyan set pricing/quote canary --percent 5 --sample 10 --comment "first tenants"
  banyan set pricing legacy --cascade`,
    )
    .action(setStage);
}

async function setStage(target: Target, stage: string, options: SetOptions): Promise<void> {
  const { percent, sample, allow, fallback } = options;
  const query = new URLSearchParams();
  if (options.dryRun) query.set('dry-run', 'true');
  if (options.cascade) query.set('cascade', 'true');
  if (options.force) query.set('force', 'true');
  const { text, value } = await ask(options, `${pathOf(target)}?${query.toString()}`, flippedRouteView, {
    method: 'PUT',
    headers: { ...commentHeader(options.comment), ...(await preconditionOf(target, options)) },
    // What was not given is left out: JSON has no undefined.
    body: { stage, percent, sample, allow, fallback },
  });
  if (options.json) {
    printRaw(text);
    return;
  }
  if (options.dryRun) printLine('nothing was changed; it would be:');
  printRoutes([value]);
  const advice = value.advice ?? [];
  for (const line of adviceText(advice)) printLine(line);
  if (advice.some(({ missing }) => missing.length > 0)) {
    printLine('it would be refused for what is missing, but for --force');
  }
  for (const warning of value.warnings) printError(`warning: ${warning}`);
}

/** Without --if-match the change is made to the route as it is now. */
async function preconditionOf(target: Target, options: SetOptions): Promise<Readonly<Record<string, string>>> {
  if (options.ifMatch !== undefined) return { 'if-match': options.ifMatch };
  return options.dryRun ? {} : ifMatchHeader(await ask(options, pathOf(target), routeView));
}
