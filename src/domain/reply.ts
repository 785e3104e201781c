/** What a function answered. The bytes are the receiver's own: nobody else writes to them any more. */
export interface Reply {
  readonly output: Uint8Array;
}
