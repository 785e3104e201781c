/** A metric as scrapers see it; `labels` in the order in which they are written. */
export interface MetricDefinition {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

// Help texts hold no quotes and no backslashes: the text form and OpenMetrics escape them differently.

export const CALL_DURATION = {
  name: 'banyan_call_duration_seconds',
  type: 'histogram',
  help: 'Time of a backend call after the queue, the hop to the backend included.',
  labels: ['plugin', 'function', 'backend', 'role'],
} as const satisfies MetricDefinition;

export const CALLS = {
  name: 'banyan_calls_total',
  type: 'counter',
  help: 'Backend calls by outcome: ok, cancelled, or the code of the error.',
  labels: ['plugin', 'function', 'backend', 'role', 'outcome'],
} as const satisfies MetricDefinition;

export const QUEUE_DURATION = {
  name: 'banyan_queue_duration_seconds',
  type: 'histogram',
  help: 'Time that a call waited for its backend, until it was handed over or given up.',
  labels: ['plugin', 'backend'],
} as const satisfies MetricDefinition;

export const CALLS_IN_FLIGHT = {
  name: 'banyan_calls_in_flight',
  type: 'gauge',
  help: 'Calls that a backend has not answered yet, queued ones included.',
  labels: ['plugin', 'backend'],
} as const satisfies MetricDefinition;

export const COMPARISONS = {
  name: 'banyan_comparisons_total',
  type: 'counter',
  help: 'Calls that both sides ran, by how their outcomes compare.',
  labels: ['plugin', 'function', 'result'],
} as const satisfies MetricDefinition;

export const SHADOW_DROPPED = {
  name: 'banyan_shadow_dropped_total',
  type: 'counter',
  help: 'Sampled calls that were not compared, by reason.',
  labels: ['plugin', 'function', 'reason'],
} as const satisfies MetricDefinition;

export const MISMATCH_SAMPLES_LOST = {
  name: 'banyan_mismatch_samples_lost_total',
  type: 'counter',
  help: 'Samples of mismatches that were not kept: there was no room for them, or the disk did not take them.',
  labels: [],
} as const satisfies MetricDefinition;

export const FALLBACKS = {
  name: 'banyan_fallbacks_total',
  type: 'counter',
  help: 'Calls that legacy was asked to answer because wasm had failed, by the failure.',
  labels: ['plugin', 'function', 'cause'],
} as const satisfies MetricDefinition;

export const ROUTE_PERCENT = {
  name: 'banyan_route_percent',
  type: 'gauge',
  help: 'Share of a function that is routed to wasm, in percent, trips included.',
  labels: ['plugin', 'function'],
} as const satisfies MetricDefinition;

export const ROUTE_STAGE = {
  name: 'banyan_route_stage',
  type: 'gauge',
  help: 'The stage that the operator wants for a function: 1 for the current one, the others are left out.',
  labels: ['plugin', 'function', 'stage'],
} as const satisfies MetricDefinition;

export const ROUTE_TRIPPED = {
  name: 'banyan_route_tripped',
  type: 'gauge',
  help: 'Whether the gateway took a function back by itself.',
  labels: ['plugin', 'function'],
} as const satisfies MetricDefinition;

export const BACKEND_UP = {
  name: 'banyan_backend_up',
  type: 'gauge',
  help: 'Whether a backend takes calls.',
  labels: ['plugin', 'backend', 'kind'],
} as const satisfies MetricDefinition;

export const BACKEND_RESTARTS = {
  name: 'banyan_backend_restarts_total',
  type: 'counter',
  help: 'Restarts of what runs a backend, by their cause.',
  labels: ['plugin', 'backend', 'cause'],
} as const satisfies MetricDefinition;

export const EGRESS_REQUESTS = {
  name: 'banyan_egress_requests_total',
  type: 'counter',
  help: 'HTTP requests of wasm guests by outcome: answered, whatever the status, or why there was no answer.',
  labels: ['plugin', 'outcome'],
} as const satisfies MetricDefinition;

export const EGRESS_DURATION = {
  name: 'banyan_egress_duration_seconds',
  type: 'histogram',
  help: 'Time of an HTTP request of a wasm guest, redirects and failures included.',
  labels: ['plugin'],
} as const satisfies MetricDefinition;

export const CONFIG_REVISION = {
  name: 'banyan_config_revision',
  type: 'gauge',
  help: 'The revision of the routes that calls go by.',
  labels: [],
} as const satisfies MetricDefinition;

export const CONFIG_LAST_APPLY_SUCCESS = {
  name: 'banyan_config_last_apply_success',
  type: 'gauge',
  help: 'Whether the latest attempt to apply routes or configuration succeeded.',
  labels: [],
} as const satisfies MetricDefinition;

export const FLIPS = {
  name: 'banyan_flips_total',
  type: 'counter',
  help: 'Asked-for changes of routes: accepted, or why they were not.',
  labels: ['result'],
} as const satisfies MetricDefinition;

export const HTTP_REQUESTS = {
  name: 'banyan_http_requests_total',
  type: 'counter',
  help: 'HTTP responses by listener and status.',
  labels: ['listener', 'status'],
} as const satisfies MetricDefinition;

export const BUILD_INFO = {
  name: 'banyan_build_info',
  type: 'gauge',
  help: 'Always 1; the labels name the versions of the gateway and of Node.',
  labels: ['version', 'node'],
} as const satisfies MetricDefinition;
