/** What an instance answers when it cannot be made: a trap in its start function, or imports of a wrong type. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}
