import type { Request } from 'express';
import type { Generation } from '../../domain/generation.js';
import type { PluginView } from '../../schema/api.js';
import { json, type Answer } from './answer.js';
import { disabledPluginViewOf, pluginViewOf } from './plugin-view.js';
import type { AdminPorts } from './ports.js';
import { queryOf } from './query.js';

/** `GET /api/v1/plugins` */
export function readPlugins(request: Request, { control }: AdminPorts): Answer {
  queryOf(request.url, []);
  return json({ plugins: inventoryOf(control.current()) });
}

/** Every plugin folder, the disabled ones included, by name. */
export function inventoryOf(generation: Generation): readonly PluginView[] {
  return [
    ...[...generation.plugins.values()].map(pluginViewOf),
    ...[...generation.disabled.values()].map(disabledPluginViewOf),
  ].sort((one, other) => (one.name < other.name ? -1 : 1));
}
