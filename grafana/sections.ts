import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { lines, numbers, rows, states } from './panels.js';
import * as queries from './queries.js';

/** A row of the dashboard: its title, and its panels from left to right and down. */
export interface Section {
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
}

const EACH_SIDE = '{{plugin}}/{{function}} {{backend}}';
const EACH_FUNCTION = '{{plugin}}/{{function}}';
const EACH_BACKEND = '{{plugin}} {{backend}}';

export const share: Section = {
  title: 'Who answers',
  panels: [
    lines(
      {
        title: 'Share routed to wasm',
        description: 'What the routes say, trips included. Marks show changes of the revision.',
        width: 8,
        unit: 'percent',
      },
      { [EACH_FUNCTION]: queries.routedToWasm },
    )
      .max(100)
      .lineInterpolation(common.LineInterpolation.StepAfter),
    lines(
      {
        title: 'Share answered by wasm',
        description: 'What callers got. With sticky keys it follows the keys that call, not the percentage alone.',
        width: 8,
        unit: 'percent',
      },
      { [EACH_FUNCTION]: queries.answeredByWasm },
    ).max(100),
    rows(
      { title: 'Stages', description: 'What the operator wants; a trip does not change it.', width: 8 },
      queries.stages,
    ),
  ],
};

export const latency: Section = {
  title: 'Latency, legacy and wasm side by side',
  panels: [
    lines(
      {
        title: 'p95 of wasm as a multiple of legacy',
        description: 'Below 1 wasm is the faster one. Shown while both sides are called.',
        width: 24,
        unit: 'none',
      },
      { [EACH_FUNCTION]: queries.latencyRatio(0.95) },
    ),
    lines(
      {
        title: 'Latency of $function',
        description: 'After the queue, the hop to the backend included.',
        width: 24,
        unit: 's',
      },
      {
        [`${EACH_SIDE} p50`]: queries.latency(0.5),
        [`${EACH_SIDE} p95`]: queries.latency(0.95),
        [`${EACH_SIDE} p99`]: queries.latency(0.99),
      },
    )
      .repeat('function')
      .repeatDirection('h')
      .maxPerRow(2),
  ],
};

export const comparison: Section = {
  title: 'Do both sides agree',
  panels: [
    lines(
      {
        title: 'Share of comparisons that differ',
        description: 'Mismatches, and calls that wasm alone failed. What is noise stands in the evidence.',
        width: 12,
        unit: 'percentunit',
      },
      { [EACH_FUNCTION]: queries.mismatchShare },
    ),
    lines(
      {
        title: 'Comparisons',
        description: 'Calls per second that both sides ran, by result.',
        width: 12,
        unit: 'reqps',
      },
      { '{{result}}': queries.comparisons },
    ).stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal)),
    lines(
      {
        title: 'Sampled, but not compared',
        description: 'By reason. Busy is as it should be: callers go first.',
        width: 12,
        unit: 'reqps',
      },
      { '{{reason}}': queries.dropped },
    ).stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal)),
    lines(
      {
        title: 'Answered by legacy because wasm failed',
        description: 'Fallbacks per second by cause: callers do not see them, so somebody else should.',
        width: 12,
        unit: 'reqps',
      },
      { [`${EACH_FUNCTION} {{cause}}`]: queries.fallbacks },
    ),
  ],
};

export const calls: Section = {
  title: 'Calls and their outcomes',
  panels: [
    lines(
      { title: 'Calls per second', description: 'Answers to callers, by who gave them.', width: 12, unit: 'reqps' },
      { [EACH_SIDE]: queries.callsPerSecond },
    ),
    lines(
      {
        title: 'Share of errors',
        description: 'Of all answers of that side; callers that hang up are not counted as errors.',
        width: 12,
        unit: 'percentunit',
      },
      { [EACH_SIDE]: queries.errorShare },
    ),
    ...(['legacy', 'wasm'] as const).map((backend) =>
      lines(
        { title: `Outcomes of ${backend}`, description: 'Calls per second by outcome.', width: 12, unit: 'reqps' },
        { '{{outcome}}': queries.outcomes(backend) },
      ).stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal)),
    ),
  ],
};

export const backends: Section = {
  title: 'Backends',
  panels: [
    lines(
      { title: 'Time in the queue', description: 'Until handed over or given up.', width: 12, unit: 's' },
      { [`${EACH_BACKEND} p50`]: queries.queueTime(0.5), [`${EACH_BACKEND} p99`]: queries.queueTime(0.99) },
    ),
    lines(
      { title: 'Calls in flight', description: 'Queued ones included.', width: 12, unit: 'short' },
      { [EACH_BACKEND]: queries.inFlight },
    ),
    states(
      { title: 'Backends up', description: 'Down: loading, backing off, tripped or refused.', width: 8 },
      [
        ['down', 'red'],
        ['up', 'green'],
      ],
      { [`${EACH_BACKEND} ({{kind}})`]: queries.backendsUp },
    ),
    states(
      { title: 'Trips', description: 'Functions that the gateway took back by itself.', width: 8 },
      [
        ['as routed', 'green'],
        ['tripped', 'red'],
      ],
      { [EACH_FUNCTION]: queries.trips },
    ),
    lines(
      { title: 'Restarts', description: 'By cause, in each interval of the graph.', width: 8, unit: 'short' },
      { [`${EACH_BACKEND} {{cause}}`]: queries.restarts },
    ),
  ],
};

export const gateway: Section = {
  title: 'Gateway',
  panels: [
    numbers(
      { title: 'Revision', description: 'Of the routes in force.', width: 4, unit: 'none' },
      { revision: queries.revision },
    ),
    numbers(
      {
        title: 'Latest apply',
        description: '1: it succeeded; 0: the previous state stays.',
        width: 4,
        unit: 'bool_yes_no',
      },
      { applied: queries.applied },
    ),
    numbers(
      { title: 'Flips', description: 'In the time shown, by their result.', width: 8, unit: 'short' },
      { '{{result}}': queries.flips },
    ).decimals(0),
    numbers(
      { title: 'Gateways', description: 'Processes by version.', width: 8, unit: 'short' },
      { '{{version}} on Node {{node}}': queries.versions },
    ),
    lines(
      { title: 'HTTP responses', description: 'By listener and status.', width: 12, unit: 'reqps' },
      { '{{listener}} {{status}}': queries.responses },
    ),
    lines(
      { title: 'Event loop lag (p99)', description: 'Of the process that routes.', width: 4, unit: 's' },
      { lag: queries.eventLoopLag },
    ),
    lines(
      { title: 'Processor time', description: 'Seconds of processor per second.', width: 4, unit: 'none' },
      { processors: queries.processorTime },
    ),
    lines(
      {
        title: 'Memory',
        description: 'Resident, without the children that run native code.',
        width: 4,
        unit: 'bytes',
      },
      { resident: queries.residentMemory },
    ),
  ],
};
