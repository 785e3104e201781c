import type { Precondition } from '../../domain/control.js';
import { RefusedRequest } from './refused-request.js';

/** One member of the list in RFC 9110, section 13.1.1, with the comma or the end behind it. */
const MEMBER = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)")?[ \t]*(?:,|$)/y;
const REVISION = /^(?:0|[1-9]\d{0,14})$/;

/**
 * What `If-Match` asks for. Weak tags, and tags that are no revision, are well-formed but never match, so they are left
 * out: what remains of the list may be empty. Refuses its absence with `precondition-required`.
 */
export function preconditionOf(header: string | undefined): Precondition {
  if (header === undefined) {
    throw new RefusedRequest({
      code: 'precondition-required',
      detail: 'send If-Match with the ETag of what you change (from GET), or * to change it whatever it is',
    });
  }
  return header.trim() === '*' ? '*' : revisionsIn(header);
}

function revisionsIn(header: string): readonly number[] {
  const revisions: number[] = [];
  let tags = 0;
  for (let at = 0; at < header.length;) {
    MEMBER.lastIndex = at;
    const member = MEMBER.exec(header);
    if (member === null) throw malformed(header);
    at = MEMBER.lastIndex;
    const [, weak, tag] = member;
    if (tag === undefined) continue;
    tags += 1;
    if (weak === undefined && REVISION.test(tag)) revisions.push(Number(tag));
  }
  if (tags === 0) throw malformed(header);
  return revisions;
}

function malformed(header: string): RefusedRequest {
  return new RefusedRequest({
    code: 'bad-request',
    detail: `If-Match ${JSON.stringify(header)} is neither * nor a list of entity tags such as "41" (the quotes belong to it)`,
  });
}
