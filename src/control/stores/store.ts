import type { Route } from '../../domain/route.js';

/** The whole state at one revision. Immutable once committed. */
export interface StateDocument {
  readonly revision: number;
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  readonly comment: string | null;
  readonly routes: readonly Route[];
}

/** The state before anything was ever changed. */
export const EMPTY_STATE: StateDocument = { revision: 0, at: '', by: '', comment: null, routes: [] };

/**
 * Where state lives. `commit` resolves when the document is durable, and rejects with {@link Conflict} when its
 * revision is not the one after the newest. Everything rejects with {@link StoreUnavailable} when the store cannot be
 * read or written, or is closed: then the newest revision is the one before.
 */
export interface Store {
  newest(): StateDocument;
  commit(next: StateDocument): Promise<void>;
  /** Newest first, at most `limit`; as far back as is retained. */
  revisions(limit: number): Promise<readonly StateDocument[]>;
  revision(revision: number): Promise<StateDocument | null>;
  /** A document that is kept beside the revisions and makes none. */
  aside(name: AsideName): Aside;
  close(): Promise<void>;
}

export type AsideName = 'trips' | 'rollouts';

/** One document, replaced as a whole. Rejects with {@link StoreUnavailable} as the store does. */
export interface Aside {
  /** What was written last; null before anything was. */
  read(): Promise<unknown>;
  /** Resolves when it is durable. */
  write(content: unknown): Promise<void>;
}

export class Conflict extends Error {
  override readonly name = 'Conflict';
}

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The store's content is torn, foreign or held by another process: nothing is written to it. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
}
