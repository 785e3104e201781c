import type { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { routeView } from '../schema/api.js';
import { rolloutsView, rolloutView, steeredView, type RolloutRead } from '../schema/rollout-view.js';
import { ask, type AdminAnswer, type AdminRequest } from './admin-client.js';
import { commentHeader } from './comment-header.js';
import { ifMatchHeader, parseIfMatch } from './if-match.js';
import { readPlanFile } from './plan-file.js';
import { printError, printLine, printRaw, printTable } from './print.js';
import { Refusal } from './refusal.js';
import { moveLine, rolloutLines } from './rollout-lines.js';
import { changedText, rolloutText } from './rollout-text.js';
import { steering, type SteeringOptions } from './steering.js';
import { nameOf, parseTarget, pathOf, type Target } from './target.js';

interface CommentOptions extends SteeringOptions {
  readonly comment?: string;
}

interface PlanOptions extends CommentOptions {
  readonly ifMatch?: string;
}

interface ShowOptions extends SteeringOptions {
  readonly watch?: true;
}

const VERBS = {
  pause: 'stop moving on; what is in force stays',
  resume: 'go on after a pause; of a rollout that is tripped or aborted, give wasm its calls back',
  promote: 'move on to the next step now, whatever is missing',
  abort: 'take everything back to legacy, until resume',
} as const;

/** How often `show --watch` looks. Milliseconds. */
const WATCH_MS = 1_000;

export function addRollout(program: Command): void {
  const rollout = program
    .command('rollout')
    .description('move a plugin, or one function, to wasm step by step, by a plan');
  steering(rollout.command('plan'))
    .description('begin a plan, at the first step that moves no caller back')
    .argument('<target>', 'PLUGIN or PLUGIN/FUNCTION', parseTarget)
    .argument('<file>', 'the plan, in YAML or JSON')
    .option('--comment <text>', 'why; it goes into the history')
    .option('--if-match <revision>', 'only if this revision last changed the route; * for whatever it is', parseIfMatch)
    .addHelpText('after', EXAMPLE)
    .action(plan);
  steering(rollout.command('show'))
    .description('say how it goes; without a target, list all')
    .argument('[target]', 'PLUGIN or PLUGIN/FUNCTION', parseTarget)
    .option('--watch', 'then say every change of its state, until it is over or Ctrl-C')
    .action(show);
  for (const [verb, description] of Object.entries(VERBS)) {
    steering(rollout.command(verb))
      .description(description)
      .argument('<target>', 'PLUGIN or PLUGIN/FUNCTION', parseTarget)
      .option('--comment <text>', 'why; the rollout remembers it')
      .action((target: Target, options: CommentOptions) => steer(verb, target, options));
  }
  steering(rollout.command('remove'))
    .description('forget one that does not move on by itself; its route and its trips stay as they are')
    .argument('<target>', 'PLUGIN or PLUGIN/FUNCTION', parseTarget)
    .option('--comment <text>', 'why; the event says it')
    .action(remove);
}

const EXAMPLE = `
A plan:
  gates: { mismatches: { limit: 0.1 }, failures: { margin: 0.1 }, latency: { quantile: 0.99, ratio: 1.5 } }
  atLeast: 10m
  calls: 1000
  steps:
    - stage: { stage: shadow, sample: 100 }
    - stage: { stage: canary, percent: 5, sample: 10, fallback: true }
      atLeast: 1h
      deadline: 6h
      manual: true
    - stage: { stage: wasm, fallback: true }`;

async function plan(target: Target, file: string, options: PlanOptions): Promise<void> {
  const written = await readPlanFile(file);
  const precondition =
    options.ifMatch === undefined
      ? ifMatchHeader(await ask(options, pathOf(target), routeView))
      : { 'if-match': options.ifMatch };
  const request = {
    method: 'PUT',
    headers: { ...commentHeader(options.comment), ...precondition },
    body: written.value,
  } as const;
  const { text, value } = await asking(options, target, '', steeredView, request).catch((error: unknown) => {
    throw error instanceof Refusal ? written.placed(error) : error;
  });
  if (options.json) printRaw(text);
  else printSteered(value);
}

function printSteered(value: z.output<typeof steeredView>): void {
  printLine(`${nameOf(value)}: ${rolloutText(value.state, value.plan.steps.length)}`);
  for (const warning of value.warnings) printError(`warning: ${warning}`);
}

async function show(target: Target | undefined, options: ShowOptions, verb: Command): Promise<void> {
  if (target !== undefined) {
    await showOne(target, options);
    return;
  }
  if (options.watch) verb.error('error: --watch needs a target');
  const { text, value } = await ask(options, '/api/v1/rollouts', rolloutsView);
  if (options.json) printRaw(text);
  else if (value.rollouts.length === 0) printLine('nothing was planned yet');
  else {
    printTable(
      ['ROLLOUT', 'STATE', 'REVISION'],
      value.rollouts.map((each) => [
        nameOf(each),
        [rolloutText(each.state, each.plan.steps.length), changedText(each)].filter((part) => part !== null).join('; '),
        String(each.changed?.revision ?? each.revision),
      ]),
    );
  }
}

async function showOne(target: Target, options: ShowOptions): Promise<void> {
  let { text, value } = await asking(options, target, '', rolloutView);
  if (options.json) printRaw(text);
  else printLine(rolloutLines(value).join('\n'));
  while (options.watch && !isOver(value)) {
    await delay(WATCH_MS);
    const before = { text, moves: value.history };
    const next = await asking(options, target, '', rolloutView).catch((error: unknown) => {
      if (error instanceof Refusal && error.problem.code === 'not-found') return null;
      throw error;
    });
    if (next === null) {
      if (!options.json) printLine('it was removed');
      return;
    }
    ({ text, value } = next);
    if (options.json && text !== before.text) printRaw(text);
    if (!options.json) for (const move of newMoves(before.moves, value.history)) printLine(moveLine(move));
  }
}

function isOver({ state }: RolloutRead): boolean {
  return state.state === 'completed' || state.state === 'aborted';
}

/** Those behind the last one that was seen. */
function newMoves(before: RolloutRead['history'], now: RolloutRead['history']): RolloutRead['history'] {
  const last = JSON.stringify(before.at(-1));
  return now.slice(now.findLastIndex((move) => JSON.stringify(move) === last) + 1);
}

async function steer(verb: string, target: Target, options: CommentOptions): Promise<void> {
  const { text, value } = await asking(options, target, `/${verb}`, steeredView, {
    method: 'POST',
    headers: commentHeader(options.comment),
    body: {},
  });
  if (options.json) printRaw(text);
  else printSteered(value);
}

async function remove(target: Target, options: CommentOptions): Promise<void> {
  const request = { method: 'DELETE', headers: commentHeader(options.comment) } as const;
  const { text, value } = await asking(options, target, '', rolloutView, request);
  if (options.json) {
    printRaw(text);
    return;
  }
  printLine(`${nameOf(value)}: ${rolloutText(value.state, value.plan.steps.length)}`);
  const from = value.history.at(-1)?.from?.state;
  if (from !== 'tripped' && from !== 'aborted') return;
  printLine(`its trips stay until \`banyan trips end ${nameOf(value)}\` ends them`);
}

function adviceFor(code: string, verb: string): string | null {
  if (code === 'not-found') return '`banyan rollout show` lists what is planned';
  // An abort protects callers, whatever the store says.
  if (code === 'store-unavailable' && verb === '/abort') return 'legacy answers; the gateway goes on trying to keep it';
  return null;
}

/** Asks about a rollout; where there is none it says how to find those that are. */
async function asking<T>(
  options: SteeringOptions,
  target: Target,
  verb: string,
  schema: z.ZodType<T>,
  request: AdminRequest = {},
): Promise<AdminAnswer<T>> {
  try {
    return await ask(options, `/api/v1/rollouts/${nameOf(target)}${verb}`, schema, request);
  } catch (error) {
    const advice = error instanceof Refusal ? adviceFor(error.problem.code, verb) : null;
    if (!(error instanceof Refusal) || advice === null) throw error;
    throw new Refusal(error.problem, error.raw, advice);
  }
}
