import type { Generation } from './generation.js';
import { meantInstead } from './nearest.js';

interface Unknown {
  readonly code: 'unknown-plugin' | 'unknown-function';
  readonly detail: string;
}

/** Why the gateway knows no such plugin or function, and which was likely meant; null: it knows it, if only as disabled. */
export function unknownIn(
  { plugins, disabled }: Generation,
  { plugin, function: name }: { readonly plugin: string; readonly function: string | null },
): Unknown | null {
  const live = plugins.get(plugin);
  if (live === undefined) {
    if (disabled.has(plugin)) return null;
    const meant = meantInstead(plugin, [...plugins.keys(), ...disabled.keys()]);
    return { code: 'unknown-plugin', detail: `no plugin is called ${plugin}${meant}` };
  }
  if (name === null || live.functions.has(name)) return null;
  const meant = meantInstead(name, live.functions.keys());
  return { code: 'unknown-function', detail: `plugin ${plugin} has no function ${name}${meant}` };
}
