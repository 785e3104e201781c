import type { Route } from '../domain/route.js';
import { sameStage } from '../domain/stage.js';
import { stageIn } from './history.js';

/** What a rollback is about: everything, one plugin with its functions, or one function. */
export interface Extent {
  readonly plugin: string | null;
  readonly function: string | null;
}

/** The routes of `now`, those within the extent put back to their stages in `then`, as of `revision`. */
export function rolledBack(
  now: readonly Route[],
  then: readonly Route[],
  extent: Extent,
  revision: number,
): readonly Route[] {
  const places = new Map([...now, ...then].map((route) => [`${route.plugin}/${route.function ?? ''}`, route] as const));
  return [...places.values()].flatMap(({ plugin, function: functionName }) => {
    const current = now.find((route) => route.plugin === plugin && route.function === functionName);
    if (!within(extent, plugin, functionName)) return current === undefined ? [] : [current];
    const stage = stageIn(then, plugin, functionName);
    if (current !== undefined && sameStage(current.stage, stage)) return [current];
    return [{ plugin, function: functionName, stage, revision }];
  });
}

/** Whether a route belongs to an extent. */
export function within(extent: Extent, plugin: string, functionName: string | null): boolean {
  if (extent.plugin === null) return true;
  if (extent.plugin !== plugin) return false;
  return extent.function === null || extent.function === functionName;
}
