import type { Command } from 'commander';
import { routesView, routeView } from '../schema/api.js';
import { ask } from './admin-client.js';
import { printLine, printRaw } from './print.js';
import { printRoutes } from './print-routes.js';
import { steering, type SteeringOptions } from './steering.js';
import { parseTarget, pathOf, type Target } from './target.js';

export function addRoutes(program: Command): void {
  steering(program.command('routes'))
    .description('show what answers: every route, those of a plugin, or that of a function')
    .argument('[target]', 'PLUGIN or PLUGIN/FUNCTION', parseTarget)
    .action(showRoutes);
}

async function showRoutes(target: Target | undefined, options: SteeringOptions): Promise<void> {
  if (target !== undefined && (target.function !== null || options.json === true)) {
    const { text, value } = await ask(options, pathOf(target), routeView);
    if (options.json) printRaw(text);
    else printRoutes([value]);
    return;
  }
  const { text, value } = await ask(options, '/api/v1/routes', routesView);
  if (options.json) {
    printRaw(text);
    return;
  }
  // Of a plugin with its functions: what it says is not what happens to those that have routes of their own.
  const shown = value.routes.filter((route) => target === undefined || route.plugin === target.plugin);
  // It says why there are none.
  if (target !== undefined && shown.length === 0) await ask(options, pathOf(target), routeView);
  printLine(`revision ${value.revision}`);
  printRoutes(shown);
}
