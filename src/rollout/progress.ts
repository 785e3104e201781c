import { Rejected } from '../domain/control.js';
import type { Generation, LiveFunction } from '../domain/generation.js';
import type { RolloutEvidence, RolloutTarget } from '../domain/rollout.js';
import type { RouteInForce } from '../domain/route.js';
import { unknownIn } from '../domain/unknown.js';
import type { RolloutRecord, Seen } from './book.js';

/** The route that a rollout moves; null while the gateway has no such plugin or function. */
export function routeOf(
  generation: Generation,
  { plugin, function: functionName }: RolloutTarget,
): RouteInForce | null {
  const live = generation.plugins.get(plugin);
  if (live === undefined) return null;
  return functionName === null ? live.route : (live.functions.get(functionName)?.route ?? null);
}

/** Whether a target has left the gateway: not one whose plugin is disabled by a mistake, which may come back. */
export function isGone(generation: Generation, target: RolloutTarget): boolean {
  return unknownIn(generation, target) !== null;
}

/** Rejects with `unknown-plugin` or `unknown-function` unless there is such a target. */
export function demandKnown(generation: Generation, target: RolloutTarget): void {
  const unknown = unknownIn(generation, target);
  if (unknown !== null) throw new Rejected(unknown);
}

/** The revision that an ETag of a rollout stands for: its route's, whoever changed it last. */
export function revisionOf(generation: Generation, record: RolloutRecord): number {
  return record.moving === null ? (routeOf(generation, record)?.revision ?? record.revision) : record.revision;
}

/** The functions that go by that route: of a plugin's those that have none of their own. */
export function followersOf(
  generation: Generation,
  { plugin, function: functionName }: RolloutTarget,
): readonly LiveFunction[] {
  const functions = [...(generation.plugins.get(plugin)?.functions.values() ?? [])];
  return functions.filter((live) => (functionName === null ? !live.route.own : live.spec.name === functionName));
}

/** A record that has counted the calls since it was last looked at, and whether a function is another build since. */
export function counted(
  record: RolloutRecord,
  followers: readonly LiveFunction[],
  evidence: RolloutEvidence,
): { readonly record: RolloutRecord; readonly rebuilt: boolean } {
  const seen: Record<string, Seen> = {};
  let { calls } = record;
  let rebuilt = false;
  for (const live of followers) {
    const now = { build: buildOf(live), calls: evidence.counts(live).endedByWasm };
    const before = record.seen[live.spec.name];
    seen[live.spec.name] = now;
    if (before === undefined) continue;
    if (before.build !== now.build) rebuilt = true;
    // Fewer than before: a kill has cost evidence its last seconds, and how many of these are new nobody can say.
    else calls += Math.max(0, now.calls - before.calls);
  }
  return { record: { ...record, seen, calls }, rebuilt };
}

/** Everything that evidence is bound to. */
function buildOf({ legacy, wasm, spec }: LiveFunction): string {
  return [legacy?.digest ?? '', wasm?.digest ?? '', spec.compareDigest].join(' ');
}
