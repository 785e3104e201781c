import type { RouteInForce } from '../../domain/route.js';
import type { RouteView } from '../../schema/api.js';

export function routeViewOf(route: RouteInForce): RouteView {
  return {
    plugin: route.plugin,
    function: route.function,
    own: route.own,
    stage: route.stage,
    effective: route.effective,
    tripped: route.tripped,
    revision: route.revision,
  };
}
