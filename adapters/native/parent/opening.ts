import type { Containment, Problem } from '../../../src/domain/backend.js';
import { AT, encodeOpening, type LibraryOpening, type Opened, type Refusals } from '../protocol/opening.js';
import { ANSWER } from '../protocol/frames.js';
import { type Answer, ProtocolError } from './answer-reader.js';
import type { Member, RefusedMembers, Roster } from './member.js';

/** A child's first frame: what to deny, and what to load. */
export function openingFrame(roster: Roster, libraries: readonly (Uint8Array | null)[]): Buffer {
  const [first] = roster;
  if (first === undefined) throw new Error('a child without libraries');
  const { memory } = first.spec;
  return encodeOpening(
    {
      memory,
      libraries: roster.map((member, index) => libraryOpening(member, libraries[index]?.length ?? null)),
    },
    libraries.filter((bytes) => bytes !== null),
  );
}

export function libraryOpening({ spec, targets }: Member, size: number | null): LibraryOpening {
  const { plugin, library, functions, types, init, shutdown, lastError, free, abi, config, outputLimit } = spec;
  return {
    plugin,
    path: library.path,
    sha256: library.sha256,
    size,
    types,
    init,
    shutdown,
    lastError,
    free,
    abi,
    config: Object.fromEntries(config),
    outputLimit,
    functions: [...functions].flatMap(([name, declared]) => {
      const target = targets.get(name);
      return target === undefined ? [] : [{ id: target.id, name, declared }];
    }),
  };
}

/** The problems of the members that a child has refused. Throws {@link ProtocolError} when it names none of them. */
function refusedBy(roster: Roster, refusals: Refusals): RefusedMembers {
  return new Map(
    refusals.map(({ library, problems }) => {
      const member = roster[library];
      if (member === undefined) throw new ProtocolError(`problems of library ${library}, which is none`);
      return [member, problems];
    }),
  );
}

/** Whether these ask for more containment than there is; null when they do not. */
export function containmentRefusal(roster: Roster, { missing }: Containment): RefusedMembers | null {
  const required = roster.filter(({ spec }) => spec.containment === 'required');
  if (missing.length === 0 || required.length === 0) return null;
  const problems = missing.map((message) => ({
    pointer: AT.containment,
    message: `containment is required, but ${message}`,
  }));
  return new Map(required.map((member) => [member, problems]));
}

/** A child's answer to its opening: what it could not deny, or whom it refuses. Throws {@link ProtocolError} at anything else. */
export function parseOpening(
  roster: Roster,
  { kind, body }: Pick<Answer, 'kind' | 'body'>,
): Opened | { readonly refused: RefusedMembers } {
  switch (kind) {
    case ANSWER.ready:
      return parseOpened(body);
    case ANSWER.refused:
      return { refused: refusedBy(roster, parseRefusals(body)) };
    default:
      throw new ProtocolError(`an answer of kind ${kind} to its opening`);
  }
}

function parseOpened(body: Buffer): Opened {
  const opened = parse(body);
  const missing = isObject(opened) ? opened['missing'] : null;
  if (!Array.isArray(missing) || !missing.every((each) => typeof each === 'string'))
    throw new ProtocolError('a first answer that says nothing');
  return { missing };
}

function parseRefusals(body: Buffer): Refusals {
  const refusals = parse(body);
  if (!Array.isArray(refusals) || refusals.length === 0 || !refusals.every(isRefusal))
    throw new ProtocolError('problems that are none');
  return refusals.map(({ library, problems }) => ({
    library,
    problems: problems.map(({ pointer, message }) => ({ pointer, message })),
  }));
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new ProtocolError('what should be JSON is none', { cause });
  }
}

function isRefusal(value: unknown): value is Refusals[number] {
  if (!isObject(value)) return false;
  const { library, problems } = value;
  return Number.isInteger(library) && Array.isArray(problems) && problems.length > 0 && problems.every(isProblem);
}

function isProblem(value: unknown): value is Problem {
  return isObject(value) && typeof value['pointer'] === 'string' && typeof value['message'] === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
