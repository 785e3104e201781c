import type { Ended, ReplyError } from '../domain/comparison.js';
import type { PluginFunction } from '../domain/plugin.js';
import { viewOf } from './compare-bytes.js';
import { parse } from './json/parse.js';
import { partsOf } from './json/rules.js';
import { isObject, type Json } from './json/value.js';

/** Whether a reply shows an error in the way that the manifest declares: never, where it declares none. */
export function isErrorReply({ error }: Pick<PluginFunction, 'error'>, output: Uint8Array): boolean {
  if (error === null || !mayBeErrorReply(error, output)) return false;
  let value: Json | undefined = parse(viewOf(output));
  for (const part of partsOf(error.pointer)) value = value === undefined ? undefined : memberOf(value, part);
  return value === error.equals;
}

/** A quick look: most replies are no errors, and need not be parsed for it. */
export function mayBeErrorReply(error: ReplyError | null, output: Uint8Array): boolean {
  if (error === null) return false;
  const key = partsOf(error.pointer).at(-1) ?? '';
  if (/^\d+$/.test(key)) return true;
  const bytes = viewOf(output);
  // Without a backslash a key can be written in one way alone.
  return bytes.includes(JSON.stringify(key)) || bytes.includes('\\');
}

function memberOf(value: Json, part: string): Json | undefined {
  if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(part) ? value[Number(part)] : undefined;
  return isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

/** Whether a call failed, or its reply shows an error. */
export function hasFailed(error: ReplyError | null, ended: Ended): boolean {
  return 'code' in ended || isErrorReply({ error }, ended.output);
}
