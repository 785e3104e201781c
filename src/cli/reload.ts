import type { Command } from 'commander';
import { reloadedView } from '../schema/api.js';
import { ask } from './admin-client.js';
import { commentHeader } from './comment-header.js';
import { printLine, printRaw } from './print.js';
import { steering, type SteeringOptions } from './steering.js';

interface ReloadOptions extends SteeringOptions {
  readonly comment?: string;
}

export function addReload(program: Command): void {
  steering(program.command('reload'))
    .description('read the configuration and the plugin folders again; any mistake, and nothing changes')
    .option('--comment <text>', 'why')
    .action(reload);
}

async function reload(options: ReloadOptions): Promise<void> {
  const { text, value } = await ask(options, '/api/v1/reload', reloadedView, {
    method: 'POST',
    headers: commentHeader(options.comment),
    body: {},
  });
  if (options.json) {
    printRaw(text);
    return;
  }
  const groups = { added: value.added, changed: value.changed, removed: value.removed, unchanged: value.unchanged };
  for (const [what, names] of Object.entries(groups)) {
    if (names.length > 0) printLine(`${what}: ${names.join(', ')}`);
  }
}
