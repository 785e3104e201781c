import type { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { eventView } from '../schema/event.js';
import { listenTo } from './admin-client.js';
import { readEvents, type Place, type ServerSent } from './event-reader.js';
import { eventText } from './event-text.js';
import { printError, printLine, printRaw } from './print.js';
import { Refusal } from './refusal.js';
import { steering, type SteeringOptions } from './steering.js';

export function addEvents(program: Command): void {
  steering(program.command('events'))
    .description('follow what happens, a line an event, until Ctrl-C')
    .action(followEvents);
}

/** Ends by Ctrl-C alone, once there was a stream: a gateway that goes away is waited for. */
async function followEvents(options: SteeringOptions): Promise<void> {
  const stop = new AbortController();
  const stopped = (): boolean => stop.signal.aborted;
  process.once('SIGINT', () => stop.abort());
  const place: Place = { lastEventId: null, retryMs: 1_000 };
  let outage = false;
  for (let connected = false; !stopped();) {
    try {
      const headers = place.lastEventId === null ? {} : { 'last-event-id': place.lastEventId };
      const stream = await listenTo(options, '/api/v1/events', { headers, signal: stop.signal });
      if (outage) printError(`${options.admin} is back`);
      connected = true;
      outage = false;
      for await (const sent of readEvents(stream, place)) show(sent, options);
    } catch (error) {
      if (stopped()) return;
      if (!connected || (error instanceof Refusal && error.problem.status !== 503)) throw error;
    }
    if (!outage && !stopped()) printError(`${options.admin} is gone; waiting for it`);
    outage = true;
    await delay(place.retryMs, null, { signal: stop.signal }).catch(() => null);
  }
}

function show({ event, data }: ServerSent, options: SteeringOptions): void {
  if (options.json) printRaw(data);
  else if (event === 'reset') printError('some events were missed; what follows is what the gateway still has');
  else printLine(lineOf(event, data));
}

/** A newer gateway may tell of what this command does not know. */
function lineOf(event: string, data: string): string {
  try {
    return eventText(eventView.parse(JSON.parse(data)));
  } catch {
    return `${event} ${data}`;
  }
}
