import type { Command } from 'commander';
import { problemLine } from '../domain/misconfigured.js';
import { pluginsView, type PluginView } from '../schema/api.js';
import { ask } from './admin-client.js';
import { backendText } from './backend-text.js';
import { printLine, printRaw, printTable } from './print.js';
import { steering, type SteeringOptions } from './steering.js';

export function addPlugins(program: Command): void {
  steering(program.command('plugins'))
    .description('list the plugins, their functions and their backends')
    .action(showPlugins);
}

async function showPlugins(options: SteeringOptions): Promise<void> {
  const { text, value } = await ask(options, '/api/v1/plugins', pluginsView);
  if (options.json) {
    printRaw(text);
    return;
  }
  printTable(
    ['PLUGIN', 'VERSION', 'STATE', 'LEGACY', 'WASM', 'FUNCTIONS'],
    value.plugins.map((plugin) => [
      plugin.name,
      plugin.version ?? '?',
      plugin.state,
      backendText(plugin.backends.legacy),
      backendText(plugin.backends.wasm),
      plugin.functions.map((each) => each.name).join(', '),
    ]),
  );
  for (const line of value.plugins.flatMap(problemLines)) printLine(line);
}

function problemLines(plugin: PluginView): readonly string[] {
  const files = plugin.problems.map(problemLine);
  const backends = (['legacy', 'wasm'] as const).flatMap((name) => {
    const backend = plugin.backends[name];
    const causes = [
      backend?.cause,
      ...(backend?.problems ?? []).map((each) => `${each.pointer}: ${each.message}`),
      ...(backend?.containment?.missing ?? []),
    ];
    return causes.filter((cause) => cause !== undefined).map((cause) => `${name}: ${cause}`);
  });
  return [...files, ...backends].map((line) => `${plugin.name}: ${line}`);
}
