import { isList, isObject, type Json } from './json.js';
import { FORMATS, type NumberShape, type ObjectShape, type Shape, type TextShape } from './shape.js';

/** Whether a document is of a shape. A union is met by any of its branches. */
export function conforms(shape: Shape, value: Json): boolean {
  switch (shape.kind) {
    case 'any':
      return true;
    case 'values':
      return shape.values.some((each) => isSame(each, value));
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    case 'number':
      return typeof value === 'number' && isNumberOf(shape, value);
    case 'text':
      return typeof value === 'string' && isTextOf(shape, value);
    case 'list':
      return (
        isList(value) &&
        isWithin(value.length, shape) &&
        value.every((item) => conforms(shape.items, item)) &&
        (!shape.unique || new Set(value.map((item) => JSON.stringify(item))).size === value.length)
      );
    case 'object':
      return isObject(value) && isObjectOf(shape, Object.entries(value));
    case 'union':
      return shape.of.some((each) => conforms(each, value));
    case 'reference':
      return conforms(shape.target(), value);
    default:
      return shape satisfies never;
  }
}

function isNumberOf({ whole, min, max, aboveMin, belowMax, step }: NumberShape, value: number): boolean {
  if (whole && !Number.isInteger(value)) return false;
  if (min !== null && (aboveMin ? value <= min : value < min)) return false;
  if (max !== null && (belowMax ? value >= max : value > max)) return false;
  return step === null || isMultiple(value, step);
}

/** As it is written in decimal: 0.3 is three times 0.1, whatever its bits say. */
function isMultiple(value: number, step: number): boolean {
  const times = value / step;
  return Math.abs(times - Math.round(times)) <= Number.EPSILON * Math.max(1, Math.abs(times)) * 4;
}

function isTextOf({ min, max, pattern, format }: TextShape, value: string): boolean {
  if (!isWithin(Array.from(value).length, { min, max })) return false;
  if (pattern !== null && !pattern.test(value)) return false;
  return format === null || FORMATS[format].test(value);
}

function isObjectOf({ members, required, others, min, max }: ObjectShape, found: readonly [string, Json][]): boolean {
  const names = new Set(found.map(([name]) => name));
  if (!isWithin(names.size, { min, max }) || [...required].some((name) => !names.has(name))) return false;
  return found.every(([name, value]) => {
    const shape = members.get(name) ?? others;
    return shape !== null && conforms(shape, value);
  });
}

function isWithin(size: number, { min, max }: { readonly min: number; readonly max: number | null }): boolean {
  return size >= min && (max === null || size <= max);
}

function isSame(one: Json, other: Json): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
