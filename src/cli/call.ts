import { Option, type Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { problemView } from '../schema/api.js';
import { byteString } from './comment-header.js';
import { fetchFrom } from './fetch-from.js';
import { parseGatewayUrl } from './gateway-url.js';
import { printError } from './print.js';
import { Refusal } from './refusal.js';
import { parseFunctionTarget } from './target.js';
import { Trouble } from './trouble.js';

interface CallOptions {
  readonly file?: string;
  readonly key?: string;
  readonly keyHeader: string;
  readonly verbose?: true;
  readonly data: string;
}

export function addCall(program: Command): void {
  program
    .command('call')
    .description('call a function through the gateway; its output goes to stdout as it is')
    .argument('<target>', 'PLUGIN/FUNCTION', parseFunctionTarget)
    .argument('[input]', 'the input; without it and --file it is read from stdin')
    .option('--file <file>', 'read the input from a file; - is stdin')
    .option('--key <key>', 'the sticky key')
    .option('--key-header <name>', 'the header that carries the key', 'x-banyan-key')
    .option('-v, --verbose', 'say on stderr who answered, why, and how long it took')
    .addOption(
      new Option('--data <url>', 'the data listener')
        .env('BANYAN_DATA')
        .default('http://127.0.0.1:8080')
        .argParser(parseGatewayUrl),
    )
    .addHelpText(
      'after',
      `
Examples:
  banyan call vowels/count "hello world"
  banyan call image/grey --file frame.rgba -v > grey.rgba`,
    )
    .action(call);
}

type FunctionTarget = ReturnType<typeof parseFunctionTarget>;

async function call(
  target: FunctionTarget,
  input: string | undefined,
  options: CallOptions,
  verb: Command,
): Promise<void> {
  if (input !== undefined && options.file !== undefined) verb.error('error: give INPUT or --file, not both');
  const body = input === undefined ? await readInput(options.file ?? '-') : Buffer.from(input, 'utf8');
  const response = await fetchFrom(
    options.data,
    `/plugins/${target.plugin}/${target.function}`,
    {
      method: 'POST',
      headers: {
        'content-type': 'application/octet-stream',
        ...(options.key === undefined ? {} : { [options.keyHeader]: byteString(options.key) }),
      },
      body,
    },
    '--data or BANYAN_DATA',
  );
  const output = Buffer.from(await response.arrayBuffer());
  if (options.verbose) printError(summaryOf(response));
  if (!response.ok) throw refusalOf(response, output.toString('utf8'), options.data);
  process.stdout.write(output);
}

async function readInput(file: string): Promise<Buffer> {
  if (file === '-') {
    if (process.stdin.isTTY) printError('the input is read from the terminal: end it with Ctrl-D');
    return await buffer(process.stdin);
  }
  try {
    return await readFile(file);
  } catch (error) {
    throw new Trouble(`${file} cannot be read: ${(error as Error).message}`, null, { cause: error });
  }
}

/** Who answered and why, as the response's headers have it; those that the gateway keeps to itself are left out. */
function summaryOf({ status, headers }: Response): string {
  const parts = [
    ['backend', headers.get('x-banyan-backend')],
    ['reason', headers.get('x-banyan-reason')],
    ['revision', headers.get('x-banyan-revision')],
    ['time', headers.get('server-timing')],
    ['request', headers.get('x-request-id')],
  ].flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return [`status: ${status}`, ...parts].join('\n');
}

function refusalOf(response: Response, text: string, data: string): Error {
  try {
    return new Refusal(problemView.parse(JSON.parse(text)), null);
  } catch (error) {
    return new Trouble(
      `${data} answered ${response.status}, but not as Banyan's data listener does`,
      'is this its address? name it with --data or BANYAN_DATA',
      { cause: error },
    );
  }
}
