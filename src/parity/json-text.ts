import { decimalOf } from './decimal.js';
import { isList, isNumber, isObject, type Json, WrittenNumber } from './json.js';

/** A document as it is written, without spaces; numbers are spelled as they were. */
export function jsonText(value: Json): string {
  if (value instanceof WrittenNumber) return value.text;
  if (isList(value)) return `[${value.map(jsonText).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  let members = '';
  for (const name of Object.keys(value))
    members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${jsonText(value[name] ?? null)}`;
  return `{${members}}`;
}

/** One text for all documents that mean the same, however numbers are spelled and members are ordered. */
export function meaningOf(value: Json): string {
  if (isNumber(value)) {
    const decimal = decimalOf(value);
    return decimal === null ? jsonText(value) : `${decimal.digits}e${decimal.power}`;
  }
  if (isList(value)) return `[${value.map(meaningOf).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${meaningOf(value[name] ?? null)}`).join(',')}}`;
}
