import type { Command } from 'commander';
import { parsePositive } from './numbers.js';
import { printLine } from './print.js';
import { showProgress } from './progress.js';
import { parseTarget, type Target } from './target.js';

interface VerifyOptions {
  readonly config: string;
  readonly corpus: string;
  readonly junit?: string;
  readonly limit?: number;
  readonly allowUnsafe?: true;
  readonly json?: true;
}

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('run a corpus on both sides and compare; exit status 1 when anything differs')
    .argument('<target>', 'PLUGIN or PLUGIN/FUNCTION', parseTarget)
    .requiredOption('--corpus <file>', 'JSON lines, or a folder of files named FUNCTION.jsonl')
    .option('--config <file>', 'the configuration', './banyan.yaml')
    .option('--junit <file>', 'write a JUnit report')
    .option('--limit <n>', 'run so many lines at most', parsePositive)
    .option('--allow-unsafe', 'run functions, too, whose effects are unsafe: each line is run on both sides')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      `
A line of a corpus is {"input": {"text": "…"}} or {"input": {"base64": "…"}}; it may say its "function", and how
"legacy" ended when it was recorded. It runs without a gateway.

Examples:
  banyan verify pricing/quote --corpus quotes.jsonl
  banyan verify pricing --corpus recorded/ --junit parity.xml`,
    )
    .action(runVerify);
}

async function runVerify(target: Target, options: VerifyOptions): Promise<void> {
  const { config, corpus, junit = null, limit = null } = options;
  // A program of its own: loaded only here, so that the other verbs start without it.
  const { verify } = await import('../verify.js');
  const progress = showProgress('lines');
  try {
    process.exitCode = await verify({
      config,
      target,
      corpus,
      junit,
      limit,
      allowUnsafe: options.allowUnsafe === true,
      json: options.json === true,
      print(line) {
        progress.end();
        printLine(line);
      },
      onProgress: progress.show,
    });
  } finally {
    progress.end();
  }
}
