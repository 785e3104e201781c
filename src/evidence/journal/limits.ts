export interface JournalLimits {
  /** Samples and bytes on the disk, of one function. */
  readonly ofFunction: { readonly count: number; readonly bytes: number };
  /** Bytes on the disk, of all functions. */
  readonly bytes: number;
  /** Newest samples of one signature; beside them the one with most differences is kept. */
  readonly ofSignature: number;
  /** Signatures that are counted, of one function. */
  readonly signatures: number;
  /** Bytes of a body from which on it is cut. */
  readonly body: number;
  /** Samples and bytes that may wait to be written. */
  readonly waiting: { readonly count: number; readonly bytes: number };
  /** Milliseconds after which they are written. */
  readonly flushMs: number;
}

const MIB = 1024 ** 2;

export const JOURNAL_LIMITS: JournalLimits = {
  ofFunction: { count: 100, bytes: 4 * MIB },
  bytes: 256 * MIB,
  ofSignature: 5,
  signatures: 200,
  body: 64 * 1024,
  waiting: { count: 256, bytes: 16 * MIB },
  flushMs: 2_000,
};
