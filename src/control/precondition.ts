import { Rejected } from '../domain/control.js';
import type { Precondition } from '../domain/control.js';

/**
 * Rejects with `precondition-failed` unless the writer knows the newest state of what is changed: its own revision, or
 * that of the whole table, which says even more.
 */
export function demand(
  precondition: Precondition,
  about: { readonly route: number | null; readonly all: number },
): void {
  if (precondition === '*' || precondition.includes(about.all)) return;
  if (about.route !== null && precondition.includes(about.route)) return;
  const revision = about.route ?? about.all;
  throw new Rejected({
    code: 'precondition-failed',
    detail: `the revision is ${revision} by now; read it again, then decide again`,
    revision,
  });
}
