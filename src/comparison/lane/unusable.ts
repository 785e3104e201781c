/** Why a module's answer, or the module, cannot be used; `detail` may tell of what was compared. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
  readonly detail: string | null;

  constructor(message: string, detail: string | null = null) {
    super(message);
    this.detail = detail;
  }
}
