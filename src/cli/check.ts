import type { Command } from 'commander';

interface CheckOptions {
  readonly config: string;
  readonly json?: true;
}

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('check the configuration and every plugin folder, and say every mistake with its place')
    .option('--config <file>', 'the configuration', './banyan.yaml')
    .option('--json', 'print the mistakes as JSON')
    .action(async ({ config, json }: CheckOptions) => {
      // A program of its own: loaded only here, so that the other verbs start without it.
      const { check } = await import('../check.js');
      process.exitCode = await check({ config, json: json === true });
    });
}
