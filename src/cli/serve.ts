import type { Command } from 'commander';

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the gateway')
    .option('--config <file>', 'the configuration', './banyan.yaml')
    .action(async ({ config }: { readonly config: string }) => {
      // A program of its own: loaded only here, so that the other verbs start without it.
      const { serve } = await import('../main.js');
      const { data, admin, plugins } = await serve({ config });
      const count = plugins.length === 1 ? '1 plugin' : `${plugins.length} plugins`;
      process.stdout.write(`Banyan serves ${count}\n  calls  ${data}\n  admin  ${admin}\n`);
    });
}
