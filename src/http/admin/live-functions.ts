import type { Generation, LiveFunction } from '../../domain/generation.js';
import { RefusedRequest } from './refused-request.js';
import type { Target } from './target.js';

/** The function that a path names, or all of a plugin's. Refuses with `unknown-plugin` or `unknown-function`. */
export function liveFunctionsOf(generation: Generation, { plugin, function: name }: Target): readonly LiveFunction[] {
  const live = generation.plugins.get(plugin);
  if (live === undefined) {
    throw new RefusedRequest({
      code: 'unknown-plugin',
      detail: generation.disabled.has(plugin)
        ? `plugin ${plugin} is disabled: GET /api/v1/plugins says why`
        : `no plugin is called ${plugin}`,
    });
  }
  const found = [...live.functions.values()].filter((each) => name === null || each.spec.name === name);
  if (found.length > 0) return found;
  throw new RefusedRequest({ code: 'unknown-function', detail: `plugin ${plugin} has no function ${String(name)}` });
}
