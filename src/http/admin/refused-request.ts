import type { Refusal } from '../problem.js';

/** Thrown by a handler to answer with a problem document. */
export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest';
  readonly refusal: Refusal;

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(`${refusal.code}: ${refusal.detail}`, options);
    this.refusal = refusal;
  }
}
