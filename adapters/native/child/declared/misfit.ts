/** An input that the declared function cannot take. */
export class BadRequest extends Error {
  readonly said: { readonly detail: string; readonly pointer: string };

  constructor(detail: string, pointer: string) {
    super(detail);
    this.said = { detail, pointer };
  }
}

/** What the function answered cannot be passed on. */
export class BadOutput extends Error {}
