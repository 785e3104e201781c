import { Trouble } from './trouble.js';

/** `fetch`, with failures to reach a gateway turned into words. `option` is the one that names another address. */
export async function fetchFrom(base: string, path: string, init: RequestInit, option: string): Promise<Response> {
  const request = requestTo(`${base}${path}`, init);
  try {
    return await fetch(request);
  } catch (error) {
    throw new Trouble(
      `${base} cannot be reached: ${reasonOf(error)}`,
      `is the gateway running? start it with \`npm start\` or \`banyan serve\`, or name its address with ${option}`,
      { cause: error },
    );
  }
}

function requestTo(url: string, init: RequestInit): Request {
  try {
    return new Request(url, { ...init, redirect: 'error' });
  } catch (error) {
    // Only headers come from the user unchecked: a name or a value that HTTP cannot carry.
    throw new Trouble(`this cannot be sent: ${(error as Error).message}`, null, { cause: error });
  }
}

/** Undici says `fetch failed` and keeps the reason in its causes, of which an AggregateError has one an address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNREFUSED' ? 'nothing listens there (connection refused)' : error.message;
}
