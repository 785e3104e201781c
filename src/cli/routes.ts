import type { Command } from 'commander';
import { routesView, routeView } from '../schema/api.js';
import { ask } from './admin-client.js';
import { printLine, printRaw } from './print.js';
import { printRoutes } from './print-routes.js';
import { steering, type SteeringOptions } from './steering.js';
import { parseTarget, pathOf, type Target } from './target.js';

export function addRoutes(program: Command): void {
  steering(program.command('routes'))
    .description('show what answers: every route, or the one that is named')
    .argument('[target]', 'PLUGIN or PLUGIN/FUNCTION', parseTarget)
    .action(showRoutes);
}

async function showRoutes(target: Target | undefined, options: SteeringOptions): Promise<void> {
  if (target === undefined) {
    const { text, value } = await ask(options, '/api/v1/routes', routesView);
    if (options.json) {
      printRaw(text);
      return;
    }
    printLine(`revision ${value.revision}`);
    printRoutes(value.routes);
    return;
  }
  const { text, value } = await ask(options, pathOf(target), routeView);
  if (options.json) printRaw(text);
  else printRoutes([value]);
}
