import { RefusedRequest } from './refused-request.js';

/** Refuses targets that are no path, and malformed percent-encoding. */
export function checkUrl(url: string): void {
  if (!url.startsWith('/')) throw new RefusedRequest({ code: 'bad-request', detail: 'the request names no path' });
  try {
    decodeURIComponent(url);
  } catch (error) {
    throw new RefusedRequest(
      { code: 'bad-request', detail: `${JSON.stringify(url)} is not percent-encoded UTF-8` },
      { cause: error },
    );
  }
}
