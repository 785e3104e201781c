import type { Generation, LiveFunction } from '../../domain/generation.js';
import { unknownIn } from '../../domain/unknown.js';
import { RefusedRequest } from './refused-request.js';
import type { Target } from './target.js';

/** The function that a path names, or all of a plugin's. Refuses with `unknown-plugin` or `unknown-function`. */
export function liveFunctionsOf(generation: Generation, { plugin, function: name }: Target): readonly LiveFunction[] {
  const unknown = unknownIn(generation, { plugin, function: name });
  if (unknown !== null) throw new RefusedRequest(unknown);
  const live = generation.plugins.get(plugin);
  if (live === undefined) {
    const detail = `plugin ${plugin} is disabled: GET /api/v1/plugins says why`;
    throw new RefusedRequest({ code: 'unknown-plugin', detail });
  }
  return [...live.functions.values()].filter((each) => name === null || each.spec.name === name);
}
