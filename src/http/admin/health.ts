import type { Request } from 'express';
import { BACKEND_NAMES } from '../../domain/backend.js';
import { problemLine } from '../../domain/misconfigured.js';
import type { PluginView, ReadinessView } from '../../schema/api.js';
import { json, type Answer } from './answer.js';
import { inventoryOf } from './plugins.js';
import type { AdminPorts } from './ports.js';

/** `GET /healthz`: whoever can answer this is alive. */
export function healthz(): Answer {
  return json({ status: 'ok' });
}

/** `GET /readyz`: 200 while calls are taken, also when some plugin cannot serve all of them. */
export function readyz(_request: Request, ports: AdminPorts): Answer {
  const gateway = ports.readiness();
  const checks: ReadinessView['checks'] = [
    { name: 'gateway', status: gateway },
    ...inventoryOf(ports.control.current()).map(pluginCheck),
    ...ports.control
      .routes()
      .filter((route) => route.tripped !== null)
      .map((route) => ({
        name: `route ${route.plugin}${route.function === null ? '' : `/${route.function}`}`,
        status: 'tripped',
        detail: `${route.tripped?.cause ?? ''}: ${route.tripped?.detail ?? ''}`,
      })),
  ];
  const whole = checks.every((check) => check.status === 'ready');
  const status = gateway === 'ready' && !whole ? 'degraded' : gateway;
  return json({ status, checks } satisfies ReadinessView, { status: gateway === 'ready' ? 200 : 503 });
}

function pluginCheck(plugin: PluginView): ReadinessView['checks'][number] {
  const backends = BACKEND_NAMES.flatMap((name) => {
    const backend = plugin.backends[name];
    if (backend === undefined || backend.state === 'ready' || backend.state === 'unloaded') return [];
    const why = backend.cause ?? backend.problems?.map((problem) => problem.message).join('; ');
    return [`${name} is ${backend.state}${why === undefined ? '' : `: ${why}`}`];
  });
  const files = plugin.problems.map(problemLine);
  const detail = [...files, ...backends].join('; ');
  return { name: `plugin ${plugin.name}`, status: plugin.state, ...(detail === '' ? {} : { detail }) };
}
