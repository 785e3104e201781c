import type { Decimal } from './decimal.js';
import type { Json } from './json.js';

/** What a JSON document may be: the part of JSON Schema that inputs can be made by. */
export type Shape = Placed &
  (
    | { readonly kind: 'any' }
    | { readonly kind: 'values'; readonly values: readonly [Json, ...Json[]] }
    | { readonly kind: 'boolean' }
    | { readonly kind: 'null' }
    | NumberShape
    | MultiplesShape
    | TextShape
    | ListShape
    | ObjectShape
    | UnionShape
    /** So that a schema may refer to itself. */
    | { readonly kind: 'reference'; readonly target: () => Shape }
  );

interface Placed {
  /** Where it stands in its schema, as a JSON pointer. */
  readonly at: string;
}

/** Any number within limits. */
export interface NumberShape {
  readonly kind: 'number';
  readonly min: Limit | null;
  readonly max: Limit | null;
}

export interface Limit {
  readonly value: Decimal;
  /** Whether the limit itself is left out. */
  readonly isOutside: boolean;
}

/** So many times a unit: whole numbers where it is 1. */
export interface MultiplesShape {
  readonly kind: 'multiples';
  readonly unit: Decimal;
  readonly least: bigint | null;
  readonly most: bigint | null;
}

export interface UnionShape {
  readonly kind: 'union';
  readonly of: readonly [Shape, ...Shape[]];
  /** Whether a document is to be of one of them, and of no other. */
  readonly isExactlyOne: boolean;
  /** What a schema says beside them: a branch may be of these types alone; null: of any. */
  readonly types: readonly TypeName[] | null;
}

export const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
export type TypeName = (typeof TYPES)[number];

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
