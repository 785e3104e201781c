import { type Command, InvalidArgumentError } from 'commander';
import { parsePositive } from './numbers.js';
import { printError, printLine } from './print.js';
import { showProgress } from './progress.js';
import { parseFunctionTarget } from './target.js';

interface FuzzOptions {
  readonly config: string;
  readonly runs: number;
  readonly seed?: number;
  readonly schema?: string;
  readonly corpus?: string;
  readonly out?: string;
  readonly allowUnsafe?: true;
  readonly json?: true;
}

export function addFuzz(program: Command): void {
  program
    .command('fuzz')
    .description('look for an input on which the two sides differ; exit status 1 when one was found')
    .argument('<target>', 'PLUGIN/FUNCTION', parseFunctionTarget)
    .option('--runs <n>', 'try so many inputs', parsePositive, 20_000)
    .option('--seed <n>', 'the same seed gives the same inputs; default: a random one, which is printed', parseSeed)
    .option('--schema <file>', 'JSON Schema of the inputs; default: FUNCTION.schema.json beside the manifest, if any')
    .option('--corpus <file>', 'begin with its inputs, and change them')
    .option('--out <file>', 'append the input that was found, as a line of a corpus (default: ./PLUGIN-FUNCTION.jsonl)')
    .option('--config <file>', 'the configuration', './banyan.yaml')
    .option('--allow-unsafe', 'run the function although its effects are unsafe: each input is run on both sides')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Without schema and corpus, JSON is made of the words that both artefacts have in them and of what the function says of
its input; other functions get text or bytes, as their media type says. It runs without a gateway.

Examples:
  banyan fuzz pricing/quote --runs 20000 --seed 1
  banyan fuzz pricing/quote --schema order.schema.json --corpus recorded.jsonl`,
    )
    .action(runFuzz);
}

/** A whole number that a number holds. */
function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(seed))
    throw new InvalidArgumentError(`Expected a whole number up to ${Number.MAX_SAFE_INTEGER}.`);
  return seed;
}

async function runFuzz(target: ReturnType<typeof parseFunctionTarget>, options: FuzzOptions): Promise<void> {
  const { config, runs, seed = null, schema = null, corpus = null } = options;
  // A program of its own: loaded only here, so that the other verbs start without it.
  const { fuzz } = await import('../fuzz.js');
  const progress = showProgress('runs');
  try {
    process.exitCode = await fuzz({
      config,
      target,
      runs,
      seed,
      schema,
      corpus,
      out: options.out ?? `./${target.plugin}-${target.function}.jsonl`,
      allowUnsafe: options.allowUnsafe === true,
      json: options.json === true,
      print(line) {
        progress.end();
        printLine(line);
      },
      tell: printError,
      onProgress: progress.show,
    });
  } finally {
    progress.end();
  }
}
