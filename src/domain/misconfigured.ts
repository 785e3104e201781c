import { Rejected } from './control.js';
import type { FileProblem } from './generation.js';

/** Thrown when a file of the operator's cannot be used; carries every mistake that was found in it. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured';
  readonly problems: readonly FileProblem[];

  constructor(problems: readonly FileProblem[], options?: ErrorOptions) {
    super(problems.map(problemLine).join('\n'), options);
    this.problems = problems;
  }
}

/** A problem on one line, in the form `file:line:column: path: message` that editors and terminals can follow. */
export function problemLine(problem: FileProblem): string {
  const path = problem.path === '' ? '' : `${problem.path}: `;
  return `${problem.file}:${problem.line}:${problem.column}: ${path}${problem.message}`;
}

/** The rejection of a change for mistakes in files: what is in force stays. */
export function rejectedFor(problems: readonly FileProblem[], options?: ErrorOptions): Rejected {
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  const errors = problems.map((problem) => ({ pointer: '', message: problemLine(problem) }));
  return new Rejected(
    { code: 'invalid', detail: `nothing was changed: ${count} in the files`, errors, problems },
    options,
  );
}
