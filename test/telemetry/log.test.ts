import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { backendReport } from '#src/telemetry/backend-report.js';
import { comparerReport } from '#src/telemetry/comparer-report.js';
import { createLog } from '#src/telemetry/log.js';
import { createMetrics } from '#src/telemetry/metrics.js';
import { liveFunction } from '../dispatch/live.js';

interface LogRecord {
  readonly level: string;
  readonly time: string;
  readonly [field: string]: unknown;
}

function recorded() {
  const records: LogRecord[] = [];
  const destination = { write: (line: string) => void records.push(JSON.parse(line) as LogRecord) };
  const log = createLog({ level: 'debug', destination });
  const metrics = createMetrics({ version: '0.0.0' });
  return { records, metrics, report: backendReport({ log, metrics, plugin: 'faulty', backend: 'legacy' }) };
}

test('every line that was logged before an exit is on stderr, and stdout is left to people', () => {
  const program = `
    const { createLog } = await import(process.env.LOG_MODULE);
    const log = createLog({}).child({ part: 'test' });
    for (let line = 0; line < 2000; line++) log.info({ line }, 'a line');
    process.exit(0);`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, LOG_MODULE: import.meta.resolve('#src/telemetry/log.js') },
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  const records = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogRecord);
  expect(records).toHaveLength(2000);
  expect(records.at(-1)).toMatchObject({ level: 'info', part: 'test', line: 1999, msg: 'a line' });
});

test('a level that there is not is refused in one line that names those that there are', () => {
  expect(() => createLog({ level: 'verbose' })).toThrow(
    /BANYAN_LOG_LEVEL: expected one of trace, debug, .* "verbose"$/,
  );
});

test('a level hides what is below it', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'warn', destination: { write: (line) => void lines.push(line) } });
  log.info('hidden');
  log.warn('shown');
  expect(lines).toHaveLength(1);
});

test('what a plugin prints is a log record that names it, whatever it prints', () => {
  const { records, report } = recorded();
  const line = '{"level":"fatal"}\u001b[31m "quoted"\u0000';
  report({ type: 'output', stream: 'stderr', line });
  expect(records).toMatchObject([{ level: 'info', plugin: 'faulty', backend: 'legacy', stream: 'stderr', line }]);
});

test('a restart is logged as a warning and counted', async () => {
  const { records, report, metrics } = recorded();
  report({ type: 'restart', cause: 'SIGSEGV', detail: 'crash (SIGSEGV)' });
  expect(records).toMatchObject([
    { level: 'warn', plugin: 'faulty', backend: 'legacy', cause: 'SIGSEGV', detail: 'crash (SIGSEGV)' },
  ]);
  const { body } = await metrics.render();
  expect(body).toContain('banyan_backend_restarts_total{plugin="faulty",backend="legacy",cause="SIGSEGV"} 1\n');
});

test('a child that is recycled is counted like a restart, and is nothing to be warned of', async () => {
  const { records, report, metrics } = recorded();
  report({ type: 'restart', cause: 'recycled' });
  expect(records).toMatchObject([{ level: 'info', plugin: 'faulty', backend: 'legacy', cause: 'recycled' }]);
  const { body } = await metrics.render();
  expect(body).toContain('banyan_backend_restarts_total{plugin="faulty",backend="legacy",cause="recycled"} 1\n');
});

test('each state of a backend is logged as loudly as it is serious', () => {
  const { records, report } = recorded();
  report({ type: 'state', state: { state: 'loading' } });
  report({ type: 'state', state: { state: 'ready', pids: [4711] } });
  report({ type: 'state', state: { state: 'backing-off', until: 1_000, cause: 'SIGSEGV' } });
  report({ type: 'state', state: { state: 'tripped', since: 0, until: 10_000, cause: 'SIGSEGV' } });
  report({ type: 'state', state: { state: 'refused', problems: [{ pointer: '/backends', message: 'no' }] } });
  report({ type: 'state', state: { state: 'unloaded' } });
  expect(records.map(({ level, state }) => `${level} ${String(state)}`)).toEqual([
    'debug loading',
    'info ready',
    'warn backing-off',
    'warn tripped',
    'error refused',
    'debug unloaded',
  ]);
  expect(records[2]).toMatchObject({ until: '1970-01-01T00:00:01.000Z' });
  expect(records[3]).toMatchObject({ since: '1970-01-01T00:00:00.000Z', until: '1970-01-01T00:00:10.000Z' });
});

test('calls that could not be compared are told of at once, then once a minute with how many there were, by function', () => {
  const records: LogRecord[] = [];
  const log = createLog({ destination: { write: (line: string) => void records.push(JSON.parse(line) as LogRecord) } });
  let now = 0;
  const report = comparerReport({ log, now: () => now });
  const stage = { stage: 'shadow', sample: 100 } as const;
  const module = { path: '/plugins/p/compare.js', sha256: 'c' };
  const { live } = liveFunction(stage, { spec: { compare: { as: 'module', module } } });
  const { live: large } = liveFunction(stage);
  const whys = () => records.splice(0).map(({ level, why, calls, module: at }) => [level, why, calls, at]);

  report(live, 'it threw Error');
  report(live, 'it threw Error');
  report(large, 'it took longer than 10000 ms');
  const { plugin, spec } = live;
  expect(records[0]).toMatchObject({
    plugin,
    function: spec.name,
    msg: 'calls were not compared: the module of `compare.by` failed; mend it, then reload',
  });
  expect(whys()).toEqual([
    ['warn', 'it threw Error', 1, module.path],
    ['warn', 'it took longer than 10000 ms', 1, undefined],
  ]);
  now = 59_999;
  report(live, 'it ended its thread');
  expect(whys()).toEqual([]);
  now = 60_000;
  // A flip makes the function anew.
  report({ ...live }, 'it threw TypeError');
  expect(whys()).toEqual([['warn', 'it threw TypeError', 3, module.path]]);
  report({ ...live, spec: { ...spec } }, 'it threw RangeError');
  expect(whys()).toEqual([['warn', 'it threw RangeError', 1, module.path]]);
});
