import { z } from 'zod';
import { gateVerdict } from './gate-verdict.js';
import { name } from './name.js';
import { stage } from './stage.js';
import { trip } from './trips.js';

/** Body of `PUT /api/v1/routes`. */
export const routesBody = z.strictObject({
  routes: z
    .array(z.strictObject({ plugin: name, function: name.nullable().default(null), stage }))
    .min(1)
    .max(10_000)
    .check((context) => {
      const seen = new Set<string>();
      context.value.forEach((route, index) => {
        const key = `${route.plugin}/${route.function ?? ''}`;
        if (seen.has(key)) {
          context.issues.push({
            code: 'custom',
            input: route,
            path: [index],
            message: 'this route stands twice in the list',
          });
        }
        seen.add(key);
      });
    }),
});

/** Body of `POST /api/v1/rollback`. */
export const rollbackBody = z
  .strictObject({
    revision: z.int().min(0).nullable().default(null),
    plugin: name.nullable().default(null),
    function: name.nullable().default(null),
  })
  .refine((body) => body.function === null || body.plugin !== null, {
    path: ['function'],
    message: 'a function needs its plugin beside it',
  });

/** Body of a request that needs none. */
export const emptyBody = z.strictObject({});

/** A route as it is answered: the operator's intent and what is in force. */
export const routeView = z.object({
  plugin: z.string(),
  function: z.string().nullable(),
  own: z.boolean(),
  stage,
  effective: stage,
  tripped: trip.nullable(),
  /** The revision that last changed it. */
  revision: z.int(),
});

export const routesView = z.object({ revision: z.int(), routes: z.array(routeView) });

const flipped = {
  warnings: z.array(z.string()),
  /** Of a dry run: what the evidence says about each function that would change. */
  advice: z
    .array(
      z.object({
        plugin: z.string(),
        function: z.string(),
        verdicts: z.array(gateVerdict),
        /** Before `retired`, where that was asked for. */
        missing: z.array(z.string()),
      }),
    )
    .optional(),
};

/** Answer to a write of one route. */
export const flippedRouteView = routeView.extend(flipped);

/** Answer to a write of several routes. */
export const flippedView = routesView.extend(flipped);

const fileProblem = z.object({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  path: z.string(),
  message: z.string(),
});

const pointed = z.object({ pointer: z.string(), message: z.string() });

const containment = z.object({
  network: z.enum(['none', 'all']),
  files: z.enum(['granted', 'all']),
  processes: z.enum(['denied', 'allowed']),
  /** What does it: `bubblewrap`, `seccomp`, … */
  by: z.array(z.string()),
  /** What was asked for and could not be had, a sentence each. */
  missing: z.array(z.string()),
});

export const backendView = z.object({
  kind: z.string(),
  state: z.enum(['loading', 'ready', 'backing-off', 'tripped', 'refused', 'unloaded']),
  version: z.string(),
  sha256: z.string(),
  /** Where its code runs: in a process of its own, in the gateway itself, or in the gateway's lanes. */
  isolation: z.enum(['process', 'in-process', 'thread']).optional(),
  /** Of one that shares its children with others. */
  group: z.string().optional(),
  /** Of one in a process of its own that is ready: what is in force, not what was asked for. */
  pids: z.array(z.int()).optional(),
  containment: containment.optional(),
  /** It is tried again after a rest, one call at a time. */
  halfOpen: z.literal(true).optional(),
  /** Its module has been checked, and is compiled and started by its first call. */
  untried: z.literal(true).optional(),
  /** Of one that is tripped or backing off; times are ISO 8601. */
  since: z.string().optional(),
  until: z.string().optional(),
  cause: z.string().optional(),
  /** Of one that is refused; pointers into the manifest. */
  problems: z.array(pointed).optional(),
});

export const pluginView = z.object({
  name: z.string(),
  /** Null when the manifest could not be read. */
  version: z.string().nullable(),
  state: z.enum(['ready', 'degraded', 'disabled']),
  problems: z.array(fileProblem),
  functions: z.array(
    z.object({
      name: z.string(),
      effects: z.enum(['pure', 'idempotent', 'unsafe']),
      timeoutMs: z.number(),
      input: z.string(),
      output: z.string(),
      keyHeader: z.string(),
    }),
  ),
  backends: z.object({ legacy: backendView.optional(), wasm: backendView.optional() }),
});

export const pluginsView = z.object({ plugins: z.array(pluginView) });

export const routeChange = z.object({
  plugin: z.string(),
  function: z.string().nullable(),
  from: stage.nullable(),
  to: stage.nullable(),
});

/** Newest first. */
export const historyView = z.object({
  revisions: z.array(
    z.object({
      revision: z.int(),
      at: z.string(),
      by: z.string(),
      comment: z.string().nullable(),
      changes: z.array(routeChange),
    }),
  ),
});

const names = z.array(z.string());

/** Plugins by what a reload did to them. */
export const reloadedView = z.object({
  revision: z.int(),
  added: names,
  changed: names,
  removed: names,
  unchanged: names,
});

export const readinessView = z.object({
  status: z.enum(['ready', 'degraded', 'starting', 'draining']),
  checks: z.array(z.object({ name: z.string(), status: z.string(), detail: z.string().optional() })),
});

/** A problem document, as far as a client of this listener makes use of it. */
export const problemView = z.object({
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  requestId: z.string(),
  backend: z.string().optional(),
  pointer: z.string().optional(),
  revision: z.int().optional(),
  errors: z.array(pointed).optional(),
  problems: z.array(fileProblem).optional(),
});

export type AdviceView = NonNullable<z.infer<typeof flippedView>['advice']>[number];
export type RouteView = z.infer<typeof routeView>;
export type ContainmentView = z.infer<typeof containment>;
export type BackendView = z.infer<typeof backendView>;
export type PluginView = z.infer<typeof pluginView>;
export type ReadinessView = z.infer<typeof readinessView>;
export type ProblemView = z.infer<typeof problemView>;
