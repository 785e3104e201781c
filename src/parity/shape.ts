import type { Json } from './json.js';

/** What a JSON document may be: the part of JSON Schema that inputs can be made by. */
export type Shape =
  | { readonly kind: 'any' }
  | { readonly kind: 'values'; readonly values: readonly Json[] }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'null' }
  | NumberShape
  | TextShape
  | ListShape
  | ObjectShape
  | { readonly kind: 'union'; readonly of: readonly Shape[] }
  /** So that a schema may refer to itself. `name` is the pointer that it is known by. */
  | { readonly kind: 'reference'; readonly name: string; readonly target: () => Shape };

export interface NumberShape {
  readonly kind: 'number';
  readonly whole: boolean;
  readonly min: number | null;
  readonly max: number | null;
  /** Whether `min` and `max` themselves are left out. */
  readonly aboveMin: boolean;
  readonly belowMax: boolean;
  readonly step: number | null;
}

export interface TextShape {
  readonly kind: 'text';
  /** Code points. */
  readonly min: number;
  readonly max: number | null;
  readonly pattern: RegExp | null;
  readonly format: Format | null;
}

/** Formats that texts are made in, and roughly what they look like: so that smaller ones are of the same kind. */
export const FORMATS = {
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  uuid: /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  email: /^[^@]+@[^@]+\.[^@]+$/,
  ipv4: /^\d{1,3}(\.\d{1,3}){3}$/,
  uri: /^https?:\/\/[^/]+\.[^/]+/,
};
export type Format = keyof typeof FORMATS;

export interface ListShape {
  readonly kind: 'list';
  readonly items: Shape;
  readonly min: number;
  readonly max: number | null;
  readonly unique: boolean;
}

export interface ObjectShape {
  readonly kind: 'object';
  readonly members: ReadonlyMap<string, Shape>;
  readonly required: ReadonlySet<string>;
  /** Of members without a name here; null: there are none. */
  readonly others: Shape | null;
  /** Whether others are made, and not only let pass. */
  readonly makesOthers: boolean;
  readonly min: number;
  readonly max: number | null;
}
