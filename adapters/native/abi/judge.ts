import type { Problem } from '../../../src/domain/backend.js';
import { AT } from '../protocol/opening.js';
import { type Descriptor, readDescriptor } from './descriptor.js';
import { differences, type TypeLayout } from './layout.js';
import { isInRange, isVersion } from './version.js';
import { expectedVtable, MINOR, OWN_TYPES, PREFIX, VTABLE_TYPE } from './vtable.js';

const AT_ABI = `${AT.backend}/abi`;
const AT_REQUIRES = `${AT.backend}/requires`;

/** What a manifest says about a library of the stable ABI. */
export interface Expected {
  readonly plugin: string;
  /** A range for the version that the descriptor says; null: every version will do. */
  readonly requires: string | null;
  /** Functions that are called by the vtable: the manifest's name, and the plugin's own. */
  readonly functions: readonly { readonly name: string; readonly symbol: string }[];
  /** The layouts that follow from the types that the manifest declares. */
  readonly types: readonly TypeLayout[];
}

/** The descriptor of a library that fits; or every mismatch, what was expected and what was found. Runs none of its code. */
export function judge(file: Uint8Array, expected: Expected, minor = MINOR): Descriptor | readonly Problem[] {
  const descriptor = readDescriptor(file);
  if (!('vtable' in descriptor)) return descriptor.map((message) => ({ pointer: AT_ABI, message }));
  const problems = [
    ...wrongIdentity(descriptor, expected),
    ...wrongVtable(descriptor, minor),
    ...wrongTypes(descriptor, expected),
    ...missingFunctions(descriptor, expected),
  ];
  return problems.length === 0 ? descriptor : problems;
}

function* wrongIdentity({ plugin, version }: Descriptor, expected: Expected): Generator<Problem> {
  if (plugin !== expected.plugin) yield at(AT_ABI, `plugin: expected ${expected.plugin}, found ${plugin}`);
  if (!isVersion(version)) yield at(AT_ABI, `version: expected a semantic version such as 1.4.0, found ${version}`);
  else if (expected.requires !== null && !isInRange(version, expected.requires))
    yield at(AT_REQUIRES, `version: expected ${expected.requires}, found ${version}`);
}

function* wrongVtable({ vtable, types }: Descriptor, minor: number): Generator<Problem> {
  if (vtable.prefix !== PREFIX)
    yield at(AT_ABI, `required fields of the vtable: expected ${PREFIX}, found ${vtable.prefix}`);
  if (vtable.fields < PREFIX)
    yield at(AT_ABI, `fields of the vtable: expected ${PREFIX} or more, found ${vtable.fields}`);
  const found = types.find((type) => type.name === VTABLE_TYPE);
  if (found === undefined) {
    yield at(AT_ABI, `type ${VTABLE_TYPE}: expected among its types, found none`);
    return;
  }
  if (found.fields.length !== vtable.fields)
    yield at(AT_ABI, `fields of ${VTABLE_TYPE}: expected ${vtable.fields}, found ${found.fields.length}`);
  // Fields that this gateway does not know may be anything, as long as they come last.
  const wanted = expectedVtable(minor, vtable.fields);
  const known = { ...found, fields: found.fields.slice(0, wanted.fields.length) };
  for (const message of differences(wanted, known)) yield at(AT_ABI, message);
}

function* wrongTypes({ types }: Descriptor, expected: Expected): Generator<Problem> {
  const found = new Map(types.map((type) => [type.name, type]));
  const compare = function* (pointer: string, wanted: TypeLayout): Generator<Problem> {
    const other = found.get(wanted.name);
    if (other === undefined) yield at(pointer, `type ${wanted.name}: expected among its types, found none`);
    else for (const message of differences(wanted, other)) yield at(pointer, message);
  };
  for (const wanted of OWN_TYPES) yield* compare(AT_ABI, wanted);
  for (const wanted of expected.types) yield* compare(`${AT.backend}/types/${wanted.name}`, wanted);
}

function* missingFunctions({ functions }: Descriptor, expected: Expected): Generator<Problem> {
  for (const { name, symbol } of expected.functions)
    if (!functions.includes(symbol))
      yield at(AT.function(name), `function ${symbol}: expected in its table, found ${functions.join(', ') || 'none'}`);
}

function at(pointer: string, message: string): Problem {
  return { pointer, message };
}
