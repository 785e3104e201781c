import { NAME } from '../../schema/name.js';
import { RefusedRequest } from './refused-request.js';

/** The plugin, and perhaps the function, that a path names. */
export interface Target {
  readonly plugin: string;
  readonly function: string | null;
}

export function targetOf(params: Readonly<Record<string, unknown>>): Target {
  return { plugin: nameIn(params, 'plugin'), function: 'function' in params ? nameIn(params, 'function') : null };
}

function nameIn(params: Readonly<Record<string, unknown>>, part: string): string {
  const value = params[part];
  if (typeof value === 'string' && NAME.test(value)) return value;
  throw new RefusedRequest({
    code: 'bad-request',
    detail: `${JSON.stringify(value)} is no ${part} name: a letter, digit or _ first, then up to 63 of those, . or -`,
  });
}
