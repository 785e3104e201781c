/** A server that answers `POST` of a text with `{"count": <its vowels>}`, in a process of its own. */
export interface Contestant {
  readonly name: string;
  readonly url: string;
  /** Whether it really counts. */
  readonly computes: boolean;
  /** Brings it into the state that is measured; called before each measurement. */
  readonly prepare: () => Promise<void>;
}

export interface Running {
  readonly contestants: readonly Contestant[];
  readonly stop: () => Promise<void>;
}
