import type { IncomingMessage } from 'node:http';

/**
 * A header's first value; `name` is in lower case. It looks at the raw list: the object `request.headers` is made of all
 * headers when it is first asked for, which would be paid by every call.
 */
export function headerOf({ rawHeaders }: IncomingMessage, name: string): string | undefined {
  const at = find(rawHeaders, name, 0);
  return at === -1 ? undefined : rawHeaders[at + 1];
}

export function isRepeated({ rawHeaders }: IncomingMessage, name: string): boolean {
  const first = find(rawHeaders, name, 0);
  return first !== -1 && find(rawHeaders, name, first + 2) !== -1;
}

/** Names and values take turns in the raw list. */
function find(raw: readonly string[], name: string, from: number): number {
  for (let at = from; at < raw.length; at += 2) {
    const candidate = raw[at];
    if (candidate?.length === name.length && candidate.toLowerCase() === name) return at;
  }
  return -1;
}
