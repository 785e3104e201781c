import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { panelQueries, unanswered } from '../grafana/panel-queries.js';
import type { DashboardJson } from '../grafana/panel-queries.js';
import { parseExposition, samplesOf } from '../telemetry/exposition-parser.js';
import { call, exampleFolder, serve, set, stop } from './gateway-process.js';

const dashboard = JSON.parse(
  readFileSync(new URL('../../grafana/dashboards/banyan.json', import.meta.url), 'utf8'),
) as DashboardJson;

it('a gateway under load exports every metric and label that the dashboard asks for', async () => {
  const gateway = await serve(await exampleFolder());
  const load = async (): Promise<void> => {
    await Promise.all([...Array(200).keys()].map(() => call(gateway, 'vowels/count', 'hello world')));
    await call(gateway, 'faulty/segfault', '');
    await call(gateway, 'faulty/echo', '');
  };
  await load();
  await set(gateway, 'vowels', { stage: 'wasm' });
  await set(gateway, 'faulty', { stage: 'wasm', sample: 100, fallback: true });
  await load();
  // Legacy answers where wasm loops; a function that may not be run twice is sampled in vain.
  await call(gateway, 'faulty/exit0', '');
  await call(gateway, 'faulty/leak', '');
  const body = await (await fetch(`${gateway.admin}/metrics`)).text();
  await stop(gateway);
  expect(unanswered(panelQueries(dashboard), samplesOf(parseExposition(body, 'text')))).toEqual([]);
});
