import { CommanderError } from 'commander';
import { readFile } from 'node:fs/promises';
import { printError, printRaw } from './print.js';
import { createProgram } from './program.js';
import { linesOf, Refusal } from './refusal.js';
import { Trouble } from './trouble.js';

/** Runs one verb and sets the exit status: 0 done, 1 refused or failed, 2 wrong usage. */
export async function run(argv: readonly string[]): Promise<void> {
  endQuietlyWithReader();
  try {
    await createProgram(await version()).parseAsync(argv);
  } catch (error) {
    process.exitCode = tell(error);
  }
}

/** Whoever pipes into `head` has seen enough. */
function endQuietlyWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Refusal) {
    if (error.raw !== null) printRaw(error.raw);
    const [first = '', ...others] = linesOf(error);
    printError([`banyan: ${first}`, ...others].join('\n'));
    return 1;
  }
  if (error instanceof Trouble) {
    printError([`banyan: ${error.message}`, ...(error.advice === null ? [] : [error.advice])].join('\n'));
    return 1;
  }
  printError(`banyan: ${isMistakeOfOurs(error) ? (error.stack ?? error.message) : messageOf(error)}`);
  return 1;
}

/** A stack helps where the program itself is wrong, and nobody where a file or a port is. */
function isMistakeOfOurs(error: unknown): error is Error {
  return [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function version(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  return String((manifest as { readonly version: unknown }).version);
}
