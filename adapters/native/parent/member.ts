import { type Problem, Refused, type Report } from '../../../src/domain/backend.js';
import type { NativeSpec } from '../../../src/domain/native.js';
import { libraryBytes } from './library-bytes.js';

/** A function as a job knows it. */
export interface Target {
  /** By which children know it; no two functions of a pool share one. */
  readonly id: number;
  /** Whether its input is a C string. */
  readonly text: boolean;
  /** Bytes. */
  readonly outputLimit: number;
}

/** One plugin's library in a pool. */
export interface Member {
  readonly spec: NativeSpec;
  readonly report: Report;
  readonly targets: ReadonlyMap<string, Target>;
  /** Whether it must be loaded from its path. */
  readonly asksForItsPlace: boolean;
  /** Why no further child will load it; null while nothing speaks against it. */
  refused: readonly Problem[] | null;
}

/** The libraries that a child loads; never empty, and they agree on their terms. */
export type Roster = readonly Member[];

/** Rejects with {@link Refused} when its library cannot be read. `firstId` is the first of its functions' ids. */
export async function memberOf(spec: NativeSpec, report: Report, firstId: number): Promise<Member> {
  const bytes = await libraryBytes(spec.library);
  const targets = [...spec.functions].map(([name, { convention }], index): [string, Target] => [
    name,
    { id: firstId + index, text: convention === 'cstring', outputLimit: spec.outputLimit },
  ]);
  return { spec, report, targets: new Map(targets), asksForItsPlace: bytes === null, refused: null };
}

/** Whether two rosters have the same members. */
export function isSame(one: Roster, other: Roster): boolean {
  return one.length === other.length && one.every((member) => other.includes(member));
}

/** Whether children that loaded the one may go on where the other is wanted. What they have of a refused library may stay. */
export function serves(loaded: Roster, wanted: Roster): boolean {
  const lacks = wanted.some((member) => !loaded.includes(member));
  return !lacks && loaded.every((member) => member.refused !== null || wanted.includes(member));
}

/** What is wrong with some members of a roster. */
export type RefusedMembers = ReadonlyMap<Member, readonly Problem[]>;

/** The libraries' bytes, in the order of the roster, or what is wrong with those that cannot be read. */
export async function readLibraries(
  roster: Roster,
): Promise<{ readonly bytes: readonly (Uint8Array | null)[] } | { readonly refused: RefusedMembers }> {
  const refused = new Map<Member, readonly Problem[]>();
  const bytes = await Promise.all(
    roster.map(async (member) => {
      try {
        return await libraryBytes(member.spec.library);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused.set(member, error.problems);
        return null;
      }
    }),
  );
  return refused.size > 0 ? { refused } : { bytes };
}
