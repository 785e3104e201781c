import type { Command } from 'commander';
import { BACKEND_NAMES } from '../domain/backend.js';
import { pluginsView, readinessView, routesView } from '../schema/api.js';
import { ask } from './admin-client.js';
import { backendText, reservationsOf } from './backend-text.js';
import { printLine, printRaw, printTable } from './print.js';
import { stageText } from './stage-text.js';
import { steering, type SteeringOptions } from './steering.js';

export function addStatus(program: Command): void {
  steering(program.command('status'))
    .description('say whether the gateway serves, and with what; exit status 1 when it is not ready')
    .action(showStatus);
}

async function showStatus(options: SteeringOptions): Promise<void> {
  const readiness = await ask(options, '/readyz', readinessView, { alsoFine: [503] });
  if (readiness.status !== 200) process.exitCode = 1;
  if (options.json) {
    printRaw(readiness.text);
    return;
  }

  const [plugins, routes] = await Promise.all([
    ask(options, '/api/v1/plugins', pluginsView),
    ask(options, '/api/v1/routes', routesView),
  ]);
  printLine(`${readiness.value.status}, revision ${routes.value.revision}`);
  printTable(
    ['PLUGIN', 'STATE', 'LEGACY', 'WASM', 'STAGE'],
    plugins.value.plugins.map((plugin) => {
      const route = routes.value.routes.find((each) => each.plugin === plugin.name && each.function === null);
      const { legacy, wasm } = plugin.backends;
      return [
        plugin.name,
        plugin.state,
        backendText(legacy),
        backendText(wasm),
        route === undefined ? '-' : stageText(route.stage),
      ];
    }),
  );
  for (const { name, backends } of plugins.value.plugins) {
    for (const side of BACKEND_NAMES) {
      for (const reservation of reservationsOf(backends[side])) printLine(`plugin ${name}: ${side} is ${reservation}`);
    }
  }
  for (const { name, status, detail } of readiness.value.checks) {
    if (status !== 'ready') printLine(`${name} is ${status}${detail === undefined ? '' : `: ${detail}`}`);
  }
}
