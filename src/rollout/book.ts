import { Rejected } from '../domain/control.js';
import type { RolloutMove, RolloutPlan, RolloutState, RolloutTarget } from '../domain/rollout.js';
import { rolloutsDocument } from '../schema/rollout-document.js';
import { writtenPlan } from '../schema/rollout-plan.js';

/** What was last seen of a function: its build, and how many calls wasm had taken by then. */
export interface Seen {
  readonly build: string;
  readonly calls: number;
}

/** A rollout as it is kept: what of it a restart cannot find out by itself. */
export interface RolloutRecord extends RolloutTarget {
  readonly plan: RolloutPlan;
  readonly state: RolloutState;
  /** That of the route when the rollout last set it, or took it as it was; another one is somebody else's doing. */
  readonly revision: number;
  /** When the step would have begun, had it run ever since: a pause puts it off by as long as it lasts. ISO 8601. */
  readonly entered: string;
  /** Calls in the step. */
  readonly calls: number;
  readonly seen: Readonly<Record<string, Seen>>;
  /** A flip that may not have been made yet: the route's revision before it, and the state to go back to. */
  readonly moving: { readonly basis: number; readonly before: RolloutState } | null;
  readonly history: readonly RolloutMove[];
}

/** A document beside the store's revisions, replaced as a whole. */
export interface RolloutStore {
  /** What was written last; null before anything was. */
  read(): Promise<unknown>;
  /** Resolves when it is durable. */
  write(content: unknown): Promise<void>;
}

/** Every rollout that there is. Whoever changes one sets it, and keeps it before relying on it. */
export interface RolloutBook {
  /** Reads what an earlier process has kept; rejects for what is no such document. */
  load(): Promise<void>;
  all(): readonly RolloutRecord[];
  of(target: RolloutTarget): RolloutRecord | null;
  set(record: RolloutRecord): void;
  remove(target: RolloutTarget): void;
  /** Resolves when all of it is durable, but for what is in the state `removed`. Rejects with `store-unavailable`. */
  keep(): Promise<void>;
}

export function createRolloutBook(store: RolloutStore): RolloutBook {
  const records = new Map<string, RolloutRecord>();
  const keyOf = ({ plugin, function: functionName }: RolloutTarget): string => `${plugin}/${functionName ?? ''}`;

  return {
    async load() {
      const kept = await store.read();
      if (kept === null) return;
      const parsed = rolloutsDocument.safeParse(kept);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        throw new Error(
          `the store's rollouts are not readable (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}); move rollouts.json aside: every rollout in it is forgotten, and the routes stay as they are`,
        );
      }
      for (const record of parsed.data.rollouts) records.set(keyOf(record), record);
    },
    all: () => [...records.values()],
    of: (target) => records.get(keyOf(target)) ?? null,
    set: (record) => void records.set(keyOf(record), record),
    remove: (target) => void records.delete(keyOf(target)),
    async keep() {
      const rollouts = [...records.values()]
        .filter(({ state }) => state.state !== 'removed')
        .map((record) => ({ ...record, plan: writtenPlan(record.plan) }));
      try {
        await store.write({ format: 'banyan/rollouts', version: 1, rollouts });
      } catch (error) {
        const detail = `the rollouts cannot be kept: ${error instanceof Error ? error.message : String(error)}`;
        throw new Rejected({ code: 'store-unavailable', detail }, { cause: error });
      }
    },
  };
}
