import type { Command } from 'commander';

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the gateway')
    .option('--config <file>', 'the configuration', './banyan.yaml')
    .action(async ({ config }: { readonly config: string }) => {
      // A program of its own: loaded only here, so that the other verbs start without it.
      const { serve } = await import('../main.js');
      await serve({ config });
    });
}
