import { styleText } from 'node:util';

const stream = process.stdout;
let acts = 0;

/** Opens an act. */
export function act(title: string): void {
  acts += 1;
  stream.write(`\n${styleText('bold', `Act ${acts}. ${title}`, { stream })}\n\n`);
}

export function say(line: string): void {
  stream.write(`  ${line}\n`);
}

/** A command that is run, and what it prints. */
export function show(command: readonly string[], output: string): void {
  stream.write(`  ${styleText('cyan', `$ banyan ${command.join(' ')}`, { stream })}\n`);
  for (const line of output.trimEnd().split('\n')) stream.write(`    ${line}\n`);
}

export function counts(answers: ReadonlyMap<string, number>): string {
  return [...answers].map(([kind, number]) => `${number.toLocaleString('en')} by ${kind}`).join(', ');
}
