/** A file that was hashed when it was discovered; only these very bytes may run. */
export interface Artefact {
  /** Absolute, symlinks resolved. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
}
