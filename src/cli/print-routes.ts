import type { RouteView } from '../schema/api.js';
import { printTable } from './print.js';
import { stageText } from './stage-text.js';
import { nameOf } from './target.js';

export function printRoutes(routes: readonly RouteView[]): void {
  printTable(
    ['ROUTE', 'STAGE', 'FROM', 'IN FORCE', 'REVISION'],
    routes.map((route) => [
      nameOf(route),
      stageText(route.stage),
      route.function === null ? '' : route.own ? 'own' : 'plugin',
      route.tripped === null ? 'as set' : `${stageText(route.effective)} (tripped: ${route.tripped.cause})`,
      String(route.revision),
    ]),
  );
}
