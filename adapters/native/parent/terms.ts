import type { NativeSpec, ProcessTerms } from '../../../src/domain/native.js';

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

/** Why a plugin cannot share children with these, a sentence each; empty when it can. */
export function disagreements(others: readonly NativeSpec[], spec: NativeSpec): readonly string[] {
  const [first] = others;
  if (first === undefined) return [];
  const terms = Object.entries(AGREED)
    .filter(([, term]) => JSON.stringify(term(first)) !== JSON.stringify(term(spec)))
    .map(([word]) => `\`${word}\` differs from that of ${first.plugin}`);
  return [...terms, ...clashes(others, spec)];
}

/** A process has one environment. */
function clashes(others: readonly NativeSpec[], { config, plugin }: NativeSpec): readonly string[] {
  return [...config].flatMap(([name, value]) => {
    const other = others.find(
      (each) => each.plugin !== plugin && each.config.has(name) && each.config.get(name) !== value,
    );
    return other === undefined ? [] : [`\`config.${name}\` has another value for ${other.plugin}`];
  });
}
