import type { Command } from 'commander';
import { flippedView, routesView } from '../schema/api.js';
import { ask } from './admin-client.js';
import { commentHeader } from './comment-header.js';
import { ifMatchHeader, parseIfMatch } from './if-match.js';
import { parseRevision } from './numbers.js';
import { printError, printLine, printRaw } from './print.js';
import { printRoutes } from './print-routes.js';
import { steering, type SteeringOptions } from './steering.js';

interface RollbackOptions extends SteeringOptions {
  readonly plugin?: string;
  readonly function?: string;
  readonly comment?: string;
  readonly ifMatch?: string;
}

export function addRollback(program: Command): void {
  steering(program.command('rollback'))
    .description('make the state of an earlier revision the newest one')
    .argument('[revision]', 'default: the one before the newest', parseRevision)
    .option('--plugin <name>', 'of this plugin alone')
    .option('--function <name>', 'of this function of the plugin alone')
    .option('--comment <text>', 'why; it goes into the history')
    .option('--if-match <revision>', 'only if this is the newest revision; * for whatever it is', parseIfMatch)
    .addHelpText(
      'after',
      `
Examples:
  banyan rollback
  banyan rollback 41 --plugin pricing`,
    )
    .action(rollBack);
}

async function rollBack(revision: number | undefined, options: RollbackOptions, verb: Command): Promise<void> {
  if (options.function !== undefined && options.plugin === undefined) {
    verb.error('error: --function needs --plugin beside it');
  }
  const precondition =
    options.ifMatch === undefined
      ? ifMatchHeader(await ask(options, '/api/v1/routes', routesView))
      : { 'if-match': options.ifMatch };
  const { text, value } = await ask(options, '/api/v1/rollback', flippedView, {
    method: 'POST',
    headers: { ...commentHeader(options.comment), ...precondition },
    body: { revision, plugin: options.plugin, function: options.function },
  });
  if (options.json) {
    printRaw(text);
    return;
  }
  printLine(`revision ${value.revision}`);
  if (value.routes.length === 0) printLine('no route differs from what it was');
  else printRoutes(value.routes);
  for (const warning of value.warnings) printError(`warning: ${warning}`);
}
