import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Machine } from './machine.js';
import { ROOT } from './root.js';

/** Keeps a bench's figures as `bench/results/<name>.json`, and says where. */
export async function keepResults(name: string, machine: Machine, results: object): Promise<void> {
  const folder = path.join(ROOT, 'bench/results');
  await mkdir(folder, { recursive: true });
  const document = { bench: name, finishedAt: new Date().toISOString(), machine, ...results };
  await writeFile(path.join(folder, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`);
  console.log(`\nKept in bench/results/${name}.json`);
}
