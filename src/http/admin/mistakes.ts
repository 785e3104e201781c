import type { z } from 'zod';

export interface BodyMistake {
  /** A JSON pointer into the body. */
  readonly pointer: string;
  readonly message: string;
}

/** Every mistake of a body, at its place; an unknown key is a mistake at that key. */
export function mistakesIn(error: z.ZodError): readonly BodyMistake[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), message: 'this key is not known here' }))
      : [{ pointer: pointerTo(issue.path), message: messageOf(issue) }],
  );
}

/** RFC 6901. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? `it is missing: expected ${withArticle(issue.expected)}`
        : `expected ${withArticle(issue.expected)}`;
    case 'too_big':
      return issue.origin === 'number' ? `expected at most ${issue.maximum}` : issue.message;
    case 'too_small':
      return issue.origin === 'number' ? `expected at least ${issue.minimum}` : issue.message;
    case 'invalid_union':
      return 'options' in issue ? `expected one of ${issue.options.map(String).join(', ')}` : issue.message;
    default:
      return issue.message;
  }
}

function withArticle(noun: string): string {
  return /^[aeio]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
