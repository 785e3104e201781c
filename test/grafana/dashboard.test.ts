import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dashboardJson } from '../../grafana/dashboard.js';
import { parseExposition, samplesOf } from '../telemetry/exposition-parser.js';
import { busyGateway } from './busy-gateway.js';
import { asksFor, panelQueries, unanswered } from './panel-queries.js';
import type { DashboardJson, PanelQuery } from './panel-queries.js';

const committed = readFileSync(new URL('../../grafana/dashboards/banyan.json', import.meta.url), 'utf8');
const dashboard = JSON.parse(committed) as DashboardJson;
const queries = panelQueries(dashboard);

async function exported() {
  return samplesOf(parseExposition((await busyGateway().metrics.render()).body, 'text'));
}

test('the committed dashboard is the one that its code makes (else: node grafana/generate.mjs)', () => {
  expect(committed).toBe(dashboardJson());
});

test('every metric, label and label value that the dashboard asks for is one that the gateway exports', async () => {
  expect(queries.length).toBeGreaterThan(20);
  expect(unanswered(queries, await exported())).toEqual([]);
});

test('the dashboard asks for each of the metrics of calls, routes and backends', () => {
  const asked = new Set(queries.flatMap(({ expr }) => asksFor(expr).selectors.map(({ name }) => name)));
  for (const name of [
    'banyan_call_duration_seconds_bucket',
    'banyan_calls_total',
    'banyan_comparisons_total',
    'banyan_shadow_dropped_total',
    'banyan_fallbacks_total',
    'banyan_queue_duration_seconds_bucket',
    'banyan_calls_in_flight',
    'banyan_route_percent',
    'banyan_route_stage',
    'banyan_route_tripped',
    'banyan_backend_up',
    'banyan_backend_restarts_total',
    'banyan_config_revision',
    'banyan_config_last_apply_success',
    'banyan_flips_total',
    'banyan_http_requests_total',
  ]) {
    expect(asked).toContain(name);
  }
});

test('panels have ids of their own and do not overlap', () => {
  const panels = (JSON.parse(committed) as { panels: { id: number; gridPos: Record<'x' | 'y' | 'w' | 'h', number> }[] })
    .panels;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
});

const MISTAKES: readonly (readonly [lack: string, query: Partial<PanelQuery>])[] = [
  ['banyan_nothing, which is not exported', { expr: 'sum by (plugin) (rate(banyan_nothing{plugin=~"$plugin"}[1m]))' }],
  ['label colour of banyan_calls_total', { expr: 'rate(banyan_calls_total{colour="red"}[1m])' }],
  ['label colour of banyan_calls_total', { expr: 'sum by (colour) (rate(banyan_calls_total[1m]))' }],
  ['which no series has', { expr: 'rate(banyan_calls_total{backend="wasm",outcome="fine"}[1m])' }],
  ['which no series has', { expr: 'banyan_calls_total{role="primary",backend!~"legacy|wasm"}' }],
  ['label kind, which its aggregation drops', { expr: 'sum by (plugin) (banyan_backend_up)', labels: ['kind'] }],
  ['label stage of banyan_backend_up', { expr: 'banyan_backend_up', labels: ['stage'] }],
  ['asks for no metric', { expr: 'vector(1)' }],
];

test.each(MISTAKES)('a query that is wrong is found out: %s', async (lack, query) => {
  const found = unanswered([{ where: 'panel', expr: '', labels: [], ...query }], await exported());
  expect(found.join('\n')).toContain(lack);
});
