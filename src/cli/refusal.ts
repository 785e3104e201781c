import { problemLine } from '../domain/misconfigured.js';
import type { ProblemView } from '../schema/api.js';

/** A problem document that a gateway answered: exit status 1. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly problem: ProblemView;
  /** The document as it came, where --json asks for it; else null. */
  readonly raw: string | null;
  /** What to do next, where the verb knows better than the code does. */
  readonly advice: string | null;

  constructor(problem: ProblemView, raw: string | null, advice: string | null = null) {
    super(problem.detail);
    this.problem = problem;
    this.raw = raw;
    this.advice = advice;
  }
}

/** The refusal in lines for a person, with what to do next where that is known. */
export function linesOf(refusal: Refusal): readonly string[] {
  const { problem } = refusal;
  const advice = refusal.advice ?? adviceFor(problem);
  return [...sentencesOf(problem), ...(advice === null ? [] : [advice])];
}

/**
 * The gateway's own details need no title, a backend's words do. Mistakes in files stand beside a detail of their own; those
 * in a request are its detail, place by place.
 */
function sentencesOf({ title, detail, backend, problems, errors }: ProblemView): readonly string[] {
  if (problems !== undefined) return [detail, ...problems.map((each) => `  ${problemLine(each)}`)];
  if (errors === undefined) return [backend === undefined ? detail : `${title}: ${detail}`];
  return [
    `${title}:`,
    ...errors.map(({ pointer, message }) => `  ${pointer === '' ? 'all of it' : pointer}: ${message}`),
  ];
}

function adviceFor({ code, requestId }: ProblemView): string | null {
  switch (code) {
    case 'unknown-plugin':
    case 'unknown-function':
      return '`banyan plugins` lists what there is';
    case 'not-found':
      return '`banyan history` lists the revisions that are kept';
    case 'precondition-failed':
      return '`banyan routes` shows it; --if-match "*" changes it whatever it is';
    case 'unauthenticated':
      return 'give a token with --token or BANYAN_TOKEN';
    case 'store-unavailable':
      return 'no route was changed; the gateway goes on serving what it has';
    case 'internal':
      return `the gateway's log says more under request id ${requestId}`;
    default:
      return null;
  }
}
