import type { EgressOutcome } from '../../../src/domain/backend.js';

/** Why a guest's request has no answer: the message ends the guest's call, so it names no address that the guest did not. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused';
  readonly outcome: Exclude<EgressOutcome, 'answered'>;

  constructor(outcome: Exclude<EgressOutcome, 'answered'>, message: string, options?: ErrorOptions) {
    super(message, options);
    this.outcome = outcome;
  }
}
