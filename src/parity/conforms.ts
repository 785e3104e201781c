import { decimalOf, inOrder, timesIn } from './decimal.js';
import { isList, isNumber, isObject, type Json, type JsonNumber } from './json.js';
import { parseJson } from './json-parse.js';
import { meaningOf } from './json-text.js';
import {
  FORMATS,
  type MultiplesShape,
  type NumberShape,
  type ObjectShape,
  type Shape,
  type TextShape,
} from './shape.js';

/** What is known of parts of a document: branches of a union that begin alike would look at them again and again. */
type Known = Map<Shape, Map<Json, boolean>>;

/** Whether an input is a document of a shape. */
export function isDocumentOf(shape: Shape, input: Uint8Array): boolean {
  const document = parseJson(Buffer.from(input).toString('utf8'));
  return document !== undefined && conforms(shape, document);
}

/** Whether a document is of a shape. */
export function conforms(shape: Shape, value: Json, known: Known = new Map()): boolean {
  switch (shape.kind) {
    case 'any':
      return true;
    case 'values':
      return shape.values.some((each) => meaningOf(each) === meaningOf(value));
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    case 'number':
      return isNumber(value) && isNumberOf(shape, value);
    case 'multiples':
      return isNumber(value) && isMultipleOf(shape, value);
    case 'text':
      return typeof value === 'string' && isTextOf(shape, value);
    case 'list':
      return (
        isList(value) &&
        isWithin(value.length, shape) &&
        value.every((item) => conforms(shape.items, item, known)) &&
        (!shape.unique || new Set(value.map(meaningOf)).size === value.length)
      );
    case 'object':
      return isObject(value) && isObjectOf(shape, Object.entries(value), known);
    case 'union': {
      if (!shape.isExactlyOne) return shape.of.some((each) => conforms(each, value, known));
      return shape.of.filter((each) => conforms(each, value, known)).length === 1;
    }
    case 'reference':
      return conformsToTarget(shape.target(), value, known);
    default:
      return shape satisfies never;
  }
}

function conformsToTarget(target: Shape, value: Json, known: Known): boolean {
  if (typeof value !== 'object' || value === null) return conforms(target, value, known);
  const answers = known.get(target) ?? new Map<Json, boolean>();
  known.set(target, answers);
  let answer = answers.get(value);
  if (answer === undefined) answers.set(value, (answer = conforms(target, value, known)));
  return answer;
}

function isNumberOf({ min, max }: NumberShape, value: JsonNumber): boolean {
  if (min === null && max === null) return true;
  const decimal = decimalOf(value);
  if (decimal === null) return false;
  const [fromMin, toMax] = [
    min === null ? 1 : inOrder(decimal, min.value),
    max === null ? 1 : inOrder(max.value, decimal),
  ];
  return (min?.isOutside === true ? fromMin > 0 : fromMin >= 0) && (max?.isOutside === true ? toMax > 0 : toMax >= 0);
}

/** As it is written in decimal: 0.3 is three times 0.1, whatever its bits say. */
function isMultipleOf({ unit, least, most }: MultiplesShape, value: JsonNumber): boolean {
  const decimal = decimalOf(value);
  const times = decimal === null ? null : timesIn(decimal, unit);
  return times !== null && (least === null || times >= least) && (most === null || times <= most);
}

function isTextOf({ min, max, pattern, format }: TextShape, value: string): boolean {
  if (!isWithin(Array.from(value).length, { min, max })) return false;
  if (pattern !== null && !pattern.test(value)) return false;
  return format === null || FORMATS[format].test(value);
}

function isObjectOf(
  { members, required, others, min, max }: ObjectShape,
  found: readonly [string, Json][],
  known: Known,
): boolean {
  const names = new Set(found.map(([name]) => name));
  if (!isWithin(names.size, { min, max }) || [...required].some((name) => !names.has(name))) return false;
  return found.every(([name, value]) => {
    const shape = members.get(name) ?? others;
    return shape !== null && conforms(shape, value, known);
  });
}

function isWithin(size: number, { min, max }: { readonly min: number; readonly max: number | null }): boolean {
  return size >= min && (max === null || size <= max);
}
