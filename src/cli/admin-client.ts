import type { z } from 'zod';
import { problemView } from '../schema/api.js';
import { fetchFrom } from './fetch-from.js';
import { Refusal } from './refusal.js';
import type { SteeringOptions } from './steering.js';
import { Trouble } from './trouble.js';

interface AdminRequest {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Statuses besides 2xx whose body is an answer, not a problem. */
  readonly alsoFine?: readonly number[];
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
  const response = await fetchFrom(
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
    },
    '--admin or BANYAN_ADMIN',
  );
  const text = await response.text();
  const document = parsed(text);
  if (!response.ok && request.alsoFine?.includes(response.status) !== true) {
    const problem = problemView.safeParse(document);
    throw problem.success
      ? new Refusal(problem.data, options.json ? text : null)
      : stranger(options.admin, response.status);
  }
  const answer = schema.safeParse(document);
  if (!answer.success) throw stranger(options.admin, response.status);
  return { status: response.status, etag: response.headers.get('etag'), text, value: answer.data };
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
