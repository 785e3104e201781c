import type { ServerResponse } from 'node:http';

/** What a handler answers; the listener adds what every response carries. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer that goes on for as long as somebody listens: `open` writes its body and ends it. */
export interface OpenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly open: (response: ServerResponse) => void;
}

export function json(value: unknown, options: { readonly status?: number; readonly etag?: number } = {}): Answer {
  return {
    status: options.status ?? 200,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(options.etag === undefined ? {} : { etag: `"${options.etag}"` }),
    },
    body: JSON.stringify(value),
  };
}
