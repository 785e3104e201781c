import { dirname } from 'node:path';
import type { NativeSpec, Rights } from '../../../../src/domain/native.js';

/** What a child is before it knows its libraries. Children of equal profiles are alike, so a spare serves any of them. */
export interface Profile {
  readonly containment: 'required' | 'preferred' | 'none';
  readonly rights: Rights;
  /** Folders that must be seen, because libraries in them ask where they lie. */
  readonly folders: readonly string[];
}

/** The profile of a child that loads these libraries, which agree on their terms. */
export function profileOf(
  members: readonly { readonly spec: NativeSpec; readonly asksForItsPlace: boolean }[],
): Profile {
  const [first] = members;
  if (first === undefined) throw new Error('a child without libraries has no profile');
  const folders = members.filter((member) => member.asksForItsPlace).map(({ spec }) => dirname(spec.library.path));
  const { containment, rights } = first.spec;
  return { containment, rights, folders: [...new Set(folders)].sort() };
}

/** Equal for equal profiles. */
export function keyOf({ containment, rights, folders }: Profile): string {
  const { network, spawn, paths } = rights;
  return JSON.stringify([containment, network, spawn, [...paths].sort(), folders]);
}
