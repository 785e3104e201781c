import type { Author } from '../../domain/control.js';
import { RefusedRequest } from './refused-request.js';

/** UTF-16 code units of a comment. */
const COMMENT_LIMIT = 500;

/** Control characters, line breaks, and marks that reorder text: a comment must read as what it is, everywhere. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Who may write is whoever reaches a loopback listener; the comment (UTF-8) is theirs. */
export function authorOf(comment: string | readonly string[] | undefined): Author {
  return { by: 'loopback', comment: typeof comment === 'string' ? textOf(comment) : null };
}

function textOf(header: string): string | null {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'latin1')).trim();
  } catch (error) {
    throw malformed('it is not UTF-8', error);
  }
  if (text.length > COMMENT_LIMIT) throw malformed(`it is longer than ${COMMENT_LIMIT} characters`);
  if (UNPRINTABLE.test(text)) throw malformed('it has characters that cannot be printed');
  return text === '' ? null : text;
}

function malformed(why: string, cause?: unknown): RefusedRequest {
  return new RefusedRequest({ code: 'bad-request', detail: `x-banyan-comment is refused: ${why}` }, { cause });
}
