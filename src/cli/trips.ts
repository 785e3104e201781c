import type { Command } from 'commander';
import { tripsView, type TripsView, type TripView } from '../schema/trips.js';
import { ask } from './admin-client.js';
import { commentHeader } from './comment-header.js';
import { printLine, printRaw, printTable } from './print.js';
import { Refusal } from './refusal.js';
import { steering, type SteeringOptions } from './steering.js';
import { nameOf, parseTarget, type Target } from './target.js';

interface EndOptions extends SteeringOptions {
  readonly comment?: string;
}

export function addTrips(program: Command): void {
  const trips = program.command('trips').description('what the gateway took back from wasm by itself');
  steering(trips.command('list', { isDefault: true }))
    .description('list it (default)')
    .action(listTrips);
  steering(trips.command('end'))
    .description('give it to wasm again, now')
    .argument('<target>', 'PLUGIN or PLUGIN/FUNCTION', parseTarget)
    .option('--comment <text>', 'why')
    .action(endTrips);
}

async function listTrips(options: SteeringOptions): Promise<void> {
  const { text, value } = await ask(options, '/api/v1/trips', tripsView);
  if (options.json) printRaw(text);
  else if (value.trips.length === 0) printLine('nothing is tripped');
  else printTrips(value);
}

async function endTrips(target: Target, options: EndOptions): Promise<void> {
  const request = { method: 'DELETE', headers: commentHeader(options.comment) } as const;
  const path = `/api/v1/trips/${nameOf(target)}`;
  const { text, value } = await ask(options, path, tripsView, request).catch((error: unknown) => {
    if (!(error instanceof Refusal) || error.problem.code !== 'not-found') throw error;
    throw new Refusal(error.problem, error.raw, '`banyan trips` lists what is tripped');
  });
  if (options.json) {
    printRaw(text);
    return;
  }
  for (const each of value.trips) printLine(`${nameOf(each)} is given to wasm again`);
}

function printTrips({ trips }: TripsView): void {
  printTable(
    ['FUNCTION', 'SINCE', 'CAUSE', 'WHY', 'TRIED AGAIN'],
    trips.map((each) => [nameOf(each), each.since, each.cause, each.detail, whenTried(each)]),
  );
}

function whenTried({ halfOpen, probeAt }: TripView): string {
  if (halfOpen) return 'now';
  return probeAt ?? 'when somebody says so';
}
