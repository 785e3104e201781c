import type { z } from 'zod';
import { meantInstead } from '../../domain/nearest.js';
import { knownKeys } from '../../schema/known-keys.js';

export interface BodyMistake {
  /** A JSON pointer into the body. */
  readonly pointer: string;
  readonly message: string;
}

/** How many mistakes are told at once. */
const TOLD = 100;

/** Makes the message of a key that is not known those that are, for {@link mistakesIn}; leaves others as they are. */
export function keysThatAreKnown(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === 'unrecognized_keys' ? knownKeys(issue).join(', ') : undefined;
}

/** The first mistake at each place of a body that has one; an unknown key is a mistake at that key. */
export function mistakesIn(error: z.ZodError): readonly BodyMistake[] {
  const messages = new Map<string, string>();
  const note = (path: readonly PropertyKey[], message: string): void => {
    const pointer = pointerTo(path);
    if (messages.size < TOLD && !messages.has(pointer)) messages.set(pointer, message);
  };
  for (const issue of error.issues) {
    if (issue.code !== 'unrecognized_keys') note(issue.path, messageOf(issue));
    else {
      const known = issue.message.split(', ');
      for (const key of issue.keys) note([...issue.path, key], `this key is not known here${meantInstead(key, known)}`);
    }
  }
  return Array.from(messages, ([pointer, message]) => ({ pointer, message }));
}

/** RFC 6901. */
function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? `it is missing: expected ${withArticle(issue.expected)}`
        : `expected ${withArticle(issue.expected)}`;
    case 'too_big':
      if (issue.origin !== 'number') return issue.message;
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'too_small':
      if (issue.origin !== 'number') return issue.message;
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'invalid_union':
      return 'options' in issue ? `expected one of ${issue.options.map(String).join(', ')}` : issue.message;
    default:
      return issue.message;
  }
}

function withArticle(noun: string): string {
  return /^[aeio]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
