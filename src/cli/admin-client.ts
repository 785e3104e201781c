import type { z } from 'zod';
import { problemView } from '../schema/api.js';
import { fetchFrom } from './fetch-from.js';
import { Refusal } from './refusal.js';
import type { SteeringOptions } from './steering.js';
import { Trouble } from './trouble.js';

export interface AdminRequest {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Statuses besides 2xx whose body is an answer, not a problem. */
  readonly alsoFine?: readonly number[];
  readonly signal?: AbortSignal;
}

export interface AdminAnswer<T> {
  readonly status: number;
  readonly etag: string | null;
  /** The body as it came. */
  readonly text: string;
  readonly value: T;
}

/** Asks the admin listener. Rejects with {@link Refusal} for a problem document, else with {@link Trouble}. */
export async function ask<T>(
  options: SteeringOptions,
  path: string,
  schema: z.ZodType<T>,
  request: AdminRequest = {},
): Promise<AdminAnswer<T>> {
  const response = await send(options, path, request);
  const text = await response.text();
  if (!response.ok && request.alsoFine?.includes(response.status) !== true) throw refusalOf(options, response, text);
  const answer = schema.safeParse(parsed(text));
  if (!answer.success) throw stranger(options.admin, response.status);
  return { status: response.status, etag: response.headers.get('etag'), text, value: answer.data };
}

/** What the admin listener answers that is no JSON. Rejects as {@link ask} does. */
export async function download(options: SteeringOptions, path: string): Promise<string> {
  const response = await send(options, path, {});
  const text = await response.text();
  if (!response.ok) throw refusalOf(options, response, text);
  return text;
}

/** Opens a stream of server-sent events. Rejects as {@link ask} does. */
export async function listenTo(
  options: SteeringOptions,
  path: string,
  request: Pick<AdminRequest, 'headers' | 'signal'>,
): Promise<ReadableStream<Uint8Array>> {
  const response = await send(options, path, request);
  if (!response.ok) throw refusalOf(options, response, await response.text());
  const type = response.headers.get('content-type') ?? '';
  if (response.body === null || !type.startsWith('text/event-stream')) throw stranger(options.admin, response.status);
  return response.body;
}

function send(options: SteeringOptions, path: string, request: AdminRequest): Promise<Response> {
  return fetchFrom(
    options.admin,
    path,
    {
      method: request.method ?? 'GET',
      headers: {
        ...(options.token === undefined || options.token === '' ? {} : { authorization: `Bearer ${options.token}` }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    },
    '--admin or BANYAN_ADMIN',
  );
}

function refusalOf(options: SteeringOptions, { status }: Response, text: string): Refusal | Trouble {
  const problem = problemView.safeParse(parsed(text));
  return problem.success ? new Refusal(problem.data, options.json ? text : null) : stranger(options.admin, status);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function stranger(admin: string, status: number): Trouble {
  return new Trouble(
    `${admin} answered ${status}, but not as Banyan's admin listener does`,
    'is this its address? name it with --admin or BANYAN_ADMIN',
  );
}
