import type { Failure } from '../../domain/failure.js';
import { NAME } from '../../schema/name.js';

const PREFIX = '/plugins/';

/** The plugin and function that a request line names. */
export interface Target {
  readonly plugin: string;
  readonly function: string;
}

/** The absolute form of a request line, which proxies send and every server takes (RFC 9112, 3.2.2). */
const ORIGIN = /^https?:\/\/[^/?]*/i;

/** Reads `/plugins/{plugin}/{function}`; a query is allowed and ignored. */
export function targetOf(url: string): Target | Failure {
  const own = url.startsWith('/') ? url : url.replace(ORIGIN, '');
  const end = own.indexOf('?');
  const path = end === -1 ? own : own.slice(0, end);
  const slash = path.indexOf('/', PREFIX.length);
  if (!path.startsWith(PREFIX) || slash === -1 || path.includes('/', slash + 1)) {
    return { code: 'not-found', detail: 'calls go to /plugins/{plugin}/{function}' };
  }
  const plugin = decoded(path.slice(PREFIX.length, slash));
  const functionName = decoded(path.slice(slash + 1));
  if (plugin === null || functionName === null) {
    return { code: 'bad-request', detail: 'the path has a malformed percent-encoding' };
  }
  if (!NAME.test(plugin) || !NAME.test(functionName)) {
    return { code: 'bad-request', detail: `names in the path match ${NAME.source}` };
  }
  return { plugin, function: functionName };
}

function decoded(segment: string): string | null {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
