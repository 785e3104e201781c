import type { Problem } from '../../../src/domain/backend.js';
import type { NativeSpec, ProcessTerms } from '../../../src/domain/native.js';
import { AT } from '../protocol/opening.js';
import type { Roster } from './member.js';

/** What the members of a group must agree on, in the words of the manifest. */
const AGREED: Readonly<Record<string, (terms: ProcessTerms) => unknown>> = {
  containment: ({ containment }) => containment,
  hosts: ({ rights }) => rights.network,
  spawn: ({ rights }) => rights.spawn,
  paths: ({ rights }) => [...rights.paths].sort(),
  pool: ({ poolSize }) => poolSize,
  memory: ({ memory }) => memory,
  restarts: ({ restarts }) => restarts,
  recycle: ({ recycle }) => recycle,
};

/** Why a plugin cannot share children with those that are in its group already; empty when it can. */
export function disagreements(group: Roster, spec: NativeSpec): readonly Problem[] {
  const [first] = group;
  if (first === undefined) return [];
  const terms = Object.entries(AGREED)
    .filter(([, term]) => JSON.stringify(term(first.spec)) !== JSON.stringify(term(spec)))
    .map(([word]) => ({
      pointer: AT.group,
      message: `children are shared by plugins of equal terms alone: \`${word}\` differs from that of ${first.spec.plugin}`,
    }));
  return [...terms, ...clashes(group, spec)];
}

/** A process has one environment. */
function clashes(group: Roster, { config, plugin }: NativeSpec): Problem[] {
  return [...config].flatMap(([name, value]) => {
    const other = group.find(
      ({ spec }) => spec.plugin !== plugin && spec.config.has(name) && spec.config.get(name) !== value,
    );
    if (other === undefined) return [];
    const message = `children are shared with ${other.spec.plugin}, whose \`${name}\` has another value`;
    return [{ pointer: AT.config(name), message }];
  });
}
