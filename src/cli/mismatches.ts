import type { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { mismatchesView } from '../schema/mismatch.js';
import { ask, download } from './admin-client.js';
import { mismatchesText } from './mismatches-text.js';
import { parseCount } from './numbers.js';
import { printLine, printRaw } from './print.js';
import { steering, type SteeringOptions } from './steering.js';
import { nameOf, parseFunctionTarget, type Target } from './target.js';
import { Trouble } from './trouble.js';

interface MismatchesOptions extends SteeringOptions {
  readonly limit: number;
  readonly export?: string;
}

export function addMismatches(program: Command): void {
  steering(program.command('mismatches'))
    .description('show kept calls that both sides answered differently, newest first')
    .argument('<target>', 'PLUGIN/FUNCTION', parseFunctionTarget)
    .option('--limit <n>', 'at most so many', parseCount, 5)
    .option('--export <file>', 'write all that are kept whole as a corpus for verify and fuzz; - for standard output')
    .action(showMismatches);
}

async function showMismatches(target: Target, options: MismatchesOptions): Promise<void> {
  const path = `/api/v1/mismatches/${nameOf(target)}`;
  if (options.export !== undefined) {
    await exportTo(options.export, await download(options, `${path}?format=corpus`));
    return;
  }
  const { text, value } = await ask(options, `${path}?limit=${options.limit}`, mismatchesView);
  if (options.json) printRaw(text);
  else for (const line of mismatchesText(value)) printLine(line);
}

async function exportTo(file: string, corpus: string): Promise<void> {
  if (file === '-') {
    process.stdout.write(corpus);
    return;
  }
  try {
    await writeFile(file, corpus);
  } catch (error) {
    throw new Trouble(`${file} cannot be written: ${(error as Error).message}`, null);
  }
  const lines = corpus.split('\n').length - 1;
  printLine(`${lines} ${lines === 1 ? 'line' : 'lines'} in ${file}`);
}
