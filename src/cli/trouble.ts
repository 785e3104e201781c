/** A failure that a person can do something about: printed without a stack, exit status 1. */
export class Trouble extends Error {
  override readonly name = 'Trouble';
  /** What to do next; null where the message says it. */
  readonly advice: string | null;

  constructor(message: string, advice: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.advice = advice;
  }
}
