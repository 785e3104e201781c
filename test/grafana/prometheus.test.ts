import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { busyGateway } from './busy-gateway.js';
import { panelQueries } from './panel-queries.js';
import type { DashboardJson } from './panel-queries.js';
import { prometheusInstalled, startPrometheus } from './prometheus.js';

const dashboard = JSON.parse(
  readFileSync(new URL('../../grafana/dashboards/banyan.json', import.meta.url), 'utf8'),
) as DashboardJson;

/** What Grafana puts in for its variables when All is chosen. */
function filledIn(expr: string): string {
  return expr
    .replaceAll(/\$__(rate_interval|range)/g, '10s')
    .replaceAll('$plugin', 'pricing|vowels')
    .replaceAll('$function', 'count|quote');
}

/** A metrics endpoint of a gateway at work, and the content types that its scrapers were given. */
async function serveMetrics() {
  const { metrics, work } = busyGateway();
  const contentTypes = new Set<string>();
  const server = createServer((request, response) => {
    work();
    void metrics.render(request.headers.accept).then(({ contentType, body }) => {
      contentTypes.add(contentType);
      response.setHeader('content-type', contentType).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { target: `127.0.0.1:${(server.address() as AddressInfo).port}`, contentTypes };
}

test('Prometheus scrapes the gateway and finds data for every query of the dashboard', async (context) => {
  if (!prometheusInstalled && process.env['CI'] !== 'true') {
    context.skip('Prometheus (Debian package prometheus) is not installed');
  }
  expect(prometheusInstalled).toBe(true);
  const { target, contentTypes } = await serveMetrics();
  const prometheus = await startPrometheus(target);
  onTestFinished(() => prometheus.stop());

  for (const { where, expr } of panelQueries(dashboard)) {
    // What annotations look for is a change within the latest minute, which a gateway this young cannot have.
    const expected = where.startsWith('annotation') ? 0 : 1;
    const asked = filledIn(expr);
    await vi.waitFor(
      async () => {
        const found = await prometheus.query(asked);
        expect(found.length, `${where}: ${asked}`).toBeGreaterThanOrEqual(expected);
      },
      { timeout: 40_000, interval: 100 },
    );
  }
  expect([...contentTypes]).toEqual(['application/openmetrics-text; version=1.0.0; charset=utf-8']);
});
