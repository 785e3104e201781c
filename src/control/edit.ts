import type { RouteEdit } from '../domain/control.js';
import type { Route } from '../domain/route.js';

/** The routes after an edit, as of `revision`. A dropped route stays as a mark, so that its ETag never comes back. */
export function edited(routes: readonly Route[], edit: RouteEdit, revision: number): readonly Route[] {
  const touched = (route: Route): boolean => route.plugin === edit.plugin && route.function === edit.function;
  const swept = (route: Route): boolean =>
    edit.cascade && edit.function === null && route.plugin === edit.plugin && route.function !== null;
  return [
    ...routes
      .filter((route) => !touched(route))
      .map((route) => (swept(route) && route.stage !== null ? { ...route, stage: null, revision } : route)),
    { plugin: edit.plugin, function: edit.function, stage: edit.stage, revision },
  ];
}
