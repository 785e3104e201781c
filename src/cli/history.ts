import type { Command } from 'commander';
import { historyView } from '../schema/api.js';
import { ask } from './admin-client.js';
import { parseCount } from './numbers.js';
import { printLine, printRaw, printTable, wrapped } from './print.js';
import { stageText } from './stage-text.js';
import { steering, type SteeringOptions } from './steering.js';
import { nameOf } from './target.js';

/** Characters of a line of the last column, and how many of them a revision has. */
const WHY_WIDTH = 72;
const WHY_LINES = 6;

interface HistoryOptions extends SteeringOptions {
  readonly limit: number;
}

export function addHistory(program: Command): void {
  steering(program.command('history'))
    .description('show who changed what, when and why, newest first')
    .option('--limit <n>', 'at most so many revisions', parseCount, 20)
    .action(showHistory);
}

async function showHistory(options: HistoryOptions): Promise<void> {
  const { text, value } = await ask(options, `/api/v1/history?limit=${options.limit}`, historyView);
  if (options.json) {
    printRaw(text);
    return;
  }
  if (value.revisions.length === 0) {
    printLine('nothing was changed yet');
    return;
  }
  printTable(
    ['REVISION', 'WHEN', 'WHO', 'WHAT', 'WHY'],
    value.revisions.flatMap((entry) => {
      const changes = entry.changes.map((each) => `${nameOf(each)}: ${stageText(each.from)} -> ${stageText(each.to)}`);
      const why = reasonLines(entry.comment ?? '');
      const [first = '', ...others] = changes;
      return [
        [String(entry.revision), entry.at, entry.by, first, why[0] ?? ''],
        ...Array.from({ length: Math.max(others.length, why.length - 1) }, (_, line) => [
          '',
          '',
          '',
          others[line] ?? '',
          why[line + 1] ?? '',
        ]),
      ];
    }),
  );
}

function reasonLines(comment: string): readonly string[] {
  const lines = wrapped(comment, WHY_WIDTH);
  return lines.length <= WHY_LINES ? lines : [...lines.slice(0, WHY_LINES - 1), '… (--json has all of it)'];
}
