import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { wantsOpenMetrics } from '#src/telemetry/exposition.js';
import { createMetrics } from '#src/telemetry/metrics.js';
import type { Metrics } from '#src/telemetry/metrics.js';
import { parseExposition, samplesOf } from './exposition-parser.js';
import { generationOf } from './generation-of.js';

const OPEN_METRICS = 'application/openmetrics-text';
/** What Prometheus 2.42 and 3 send. */
const PROMETHEUS_2 = `${OPEN_METRICS};version=1.0.0,${OPEN_METRICS};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`;
const PROMETHEUS_3 = `${OPEN_METRICS};version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1`;

const promtool = spawnSync('promtool', ['--version']).status === 0;

function fed(): Metrics {
  const metrics = createMetrics({ version: '0.0.0' });
  metrics.useGeneration(() => generationOf(3, { vowels: { functions: { count: { stage: { stage: 'legacy' } } } } }));
  for (const outcome of ['ok', 'crashed'] as const) {
    const call = { plugin: 'vowels', function: 'count', backend: 'legacy', role: 'primary' } as const;
    metrics.observe({ ...call, outcome, again: false, hadItsTime: true, queueMs: 0.1, callMs: 2 });
  }
  metrics.countRestart('vowels', 'legacy', 'SIGSEGV');
  metrics.countEgress('vowels', 'denied', 0.2);
  metrics.countHttp('data', 200);
  return metrics;
}

test('text and OpenMetrics scrapes in turn are both right each time', async () => {
  const metrics = fed();
  for (let round = 0; round < 3; round++) {
    const text = await metrics.render();
    expect(text.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    const textFamilies = parseExposition(text.body, 'text');

    const open = await metrics.render(OPEN_METRICS);
    expect(open.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    const openFamilies = parseExposition(open.body, 'openmetrics');

    const ours = (families: typeof textFamilies) =>
      samplesOf(families).filter(({ name }) => name.startsWith('banyan_'));
    expect(ours(openFamilies)).toEqual(ours(textFamilies));
    expect(ours(textFamilies).some(({ name }) => name === 'banyan_calls_total')).toBe(true);
    expect(openFamilies.get('process_cpu_seconds')?.samples[0]?.name).toBe('process_cpu_seconds_total');
  }
});

test('two scrapes of different forms at the same time are both right', async () => {
  const metrics = fed();
  const [open, text] = await Promise.all([metrics.render(OPEN_METRICS), metrics.render()]);
  parseExposition(open.body, 'openmetrics');
  parseExposition(text.body, 'text');
});

test.each([
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['text/plain', false],
  ['text/html,application/xhtml+xml,*/*;q=0.8', false],
  [OPEN_METRICS, true],
  ['Application/OpenMetrics-Text; version=1.0.0', true],
  [`${OPEN_METRICS};q=0`, false],
  [`${OPEN_METRICS};q=0.2,text/plain;q=0.9`, false],
  [PROMETHEUS_2, true],
  [PROMETHEUS_3, true],
])('Accept %j asks for OpenMetrics: %s', (accept, expected) => {
  expect(wantsOpenMetrics(accept)).toBe(expected);
});

test('promtool finds nothing to say about the metrics of the gateway', async (context) => {
  if (!promtool && process.env['CI'] !== 'true') context.skip('promtool (Debian package prometheus) is not installed');
  const { body } = await fed().render();
  const ours = body
    .split('\n')
    .filter((line) => /^(# (HELP|TYPE) )?banyan_/.test(line))
    .join('\n');
  execFileSync('promtool', ['check', 'metrics'], { input: `${ours}\n` });
  // Node's own names break a naming rule of promtool's (status 3); a scrape that cannot be read is status 1.
  expect(spawnSync('promtool', ['check', 'metrics'], { input: body }).status).toBeOneOf([0, 3]);
});
