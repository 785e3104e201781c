import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { readBody as readWhole } from '../read-body.js';
import { keysThatAreKnown, mistakesIn } from './mistakes.js';
import { RefusedRequest } from './refused-request.js';

/** Bytes; the largest sensible body is a bulk change of some thousand routes. */
export const BODY_LIMIT = 1024 * 1024;

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset=(?:utf-8|"utf-8")[ \t]*)?$/i;

/** The request's JSON body as `schema` has it. Refuses with 400, 413, 415, or 422 and the pointer of every mistake. */
export async function readBody<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  return parse(await readJson(request), schema);
}

/** The same for a request that may come without a body. */
export async function readOptionalBody<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  const value = hasBody(request) ? await readJson(request) : (checkMediaType(request), {});
  return parse(value, schema);
}

/** Refuses a body where none is expected. */
export function refuseBody(request: IncomingMessage): void {
  if (hasBody(request)) throw new RefusedRequest({ code: 'bad-request', detail: 'this request takes no body' });
}

function parse<T>(value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value, { error: keysThatAreKnown });
  if (parsed.success) return parsed.data;
  const errors = mistakesIn(parsed.error);
  throw new RefusedRequest({
    code: 'invalid',
    detail: errors
      .slice(0, 3)
      .map((each) => `${each.pointer || 'the body'}: ${each.message}`)
      .join('; '),
    errors,
  });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  checkMediaType(request);
  const bytes = await readBytes(request);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = bytes.length === 0 ? 'there is none' : (error as Error).message;
    throw new RefusedRequest({ code: 'bad-request', detail: `the body is not JSON: ${reason}` }, { cause: error });
  }
}

function checkMediaType(request: IncomingMessage): void {
  const type = request.headers['content-type'];
  if (type === undefined ? hasBody(request) : !JSON_TYPE.test(type.trim())) {
    throw new RefusedRequest({
      code: 'unsupported-media-type',
      detail: `send content-type: application/json, not ${type === undefined ? 'none' : JSON.stringify(type)}`,
    });
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new RefusedRequest({
      code: 'unsupported-media-type',
      detail: `content-encoding ${JSON.stringify(encoding)} is not taken here: send the body as it is`,
    });
  }
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
}

function readBytes(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) =>
    readWhole(request, BODY_LIMIT, {
      whole: resolve,
      tooLarge: () =>
        reject(
          new RefusedRequest({
            code: 'input-too-large',
            detail: `the body is over ${BODY_LIMIT} bytes`,
            limit: BODY_LIMIT,
          }),
        ),
    }),
  );
}
