import type { Request } from 'express';
import type { Answer, OpenAnswer } from './answer.js';
import { EventStream } from './event-stream.js';
import type { AdminPorts } from './ports.js';
import { queryOf } from './query.js';
import { RefusedRequest } from './refused-request.js';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Some proxies collect a response before they pass it on, unless they are told.
  'x-accel-buffering': 'no',
};

/** `GET /api/v1/events`: server-sent events, from the one behind `Last-Event-ID` or from now on. */
export function readEvents(request: Request, { events }: AdminPorts): Answer | OpenAnswer {
  queryOf(request.url, []);
  if (request.method === 'HEAD') return { status: 200, headers: HEADERS, body: '' };
  const after = request.headers['last-event-id'];
  const stream = new EventStream(events, typeof after === 'string' && after !== '' ? after : null);
  const leave = events.follow(stream);
  if (leave === null) {
    const detail = 'as many streams of events are open as there may be';
    throw new RefusedRequest({ code: 'overloaded', detail, retryAfterMs: 5_000 });
  }
  return { status: 200, headers: HEADERS, open: (response) => stream.open(response, leave) };
}
