type Side = 'legacy' | 'wasm';
export type Quantile = 0.5 | 0.95 | 0.99;

const CHOSEN = 'plugin=~"$plugin",function=~"$function"';
/** What callers were answered: copies of calls that were made to compare do not count. */
const ANSWERED = `${CHOSEN},role="primary"`;

const perSecond = (selector: string): string => `rate(${selector}[$__rate_interval])`;

/** Latency of both backends, a series for each; mirrored calls take as long as others. */
export function latency(quantile: Quantile): string {
  const buckets = perSecond(`banyan_call_duration_seconds_bucket{${CHOSEN}}`);
  return `histogram_quantile(${quantile}, sum by (le, plugin, function, backend) (${buckets}))`;
}

/** How many times legacy's latency wasm's is. */
export function latencyRatio(quantile: Quantile): string {
  const of = (backend: Side): string => {
    const buckets = perSecond(`banyan_call_duration_seconds_bucket{${CHOSEN},backend="${backend}"}`);
    return `histogram_quantile(${quantile}, sum by (le, plugin, function) (${buckets}))`;
  };
  return `${of('wasm')} / ${of('legacy')}`;
}

export const callsPerSecond = `sum by (plugin, function, backend) (${perSecond(`banyan_calls_total{${ANSWERED}}`)})`;

export function outcomes(backend: Side): string {
  return `sum by (outcome) (${perSecond(`banyan_calls_total{${ANSWERED},backend="${backend}"}`)}) > 0`;
}

/** A caller that hangs up is nobody's error. */
export const errorShare = [
  `sum by (plugin, function, backend) (${perSecond(`banyan_calls_total{${ANSWERED},outcome!~"ok|cancelled"}`)})`,
  callsPerSecond,
].join(' / ');

export const routedToWasm = `max by (plugin, function) (banyan_route_percent{${CHOSEN}})`;

export const answeredByWasm = [
  `100 * sum by (plugin, function) (${perSecond(`banyan_calls_total{${ANSWERED},backend="wasm"}`)})`,
  `sum by (plugin, function) (${perSecond(`banyan_calls_total{${ANSWERED}}`)})`,
].join(' / ');

export const stages = `max by (plugin, function, stage) (banyan_route_stage{${CHOSEN}})`;
export const trips = `max by (plugin, function) (banyan_route_tripped{${CHOSEN}})`;

const compared = `sum by (plugin, function) (${perSecond(`banyan_comparisons_total{${CHOSEN}}`)})`;
export const comparisons = `sum by (result) (${perSecond(`banyan_comparisons_total{${CHOSEN}}`)}) > 0`;
export const mismatchShare = [
  `sum by (plugin, function) (${perSecond(`banyan_comparisons_total{${CHOSEN},result=~"mismatch|wasm-failed"}`)})`,
  compared,
].join(' / ');
export const dropped = `sum by (reason) (${perSecond(`banyan_shadow_dropped_total{${CHOSEN}}`)}) > 0`;
export const fallbacks = `sum by (plugin, function, cause) (${perSecond(`banyan_fallbacks_total{${CHOSEN}}`)}) > 0`;

export function queueTime(quantile: Quantile): string {
  const buckets = perSecond('banyan_queue_duration_seconds_bucket{plugin=~"$plugin"}');
  return `histogram_quantile(${quantile}, sum by (le, plugin, backend) (${buckets}))`;
}

export const inFlight = 'sum by (plugin, backend) (banyan_calls_in_flight{plugin=~"$plugin"})';
export const backendsUp = 'min by (plugin, backend, kind) (banyan_backend_up{plugin=~"$plugin"})';
export const restarts =
  'sum by (plugin, backend, cause) (increase(banyan_backend_restarts_total{plugin=~"$plugin"}[$__rate_interval]))';

export const revision = 'max(banyan_config_revision)';
export const applied = 'min(banyan_config_last_apply_success)';
export const flips = 'sum by (result) (increase(banyan_flips_total[$__range])) > 0';
export const responses = `sum by (listener, status) (${perSecond('banyan_http_requests_total')})`;
export const versions = 'count by (version, node) (banyan_build_info)';
export const eventLoopLag = 'max(nodejs_eventloop_lag_p99_seconds)';
export const residentMemory = 'sum(process_resident_memory_bytes)';
export const processorTime = `sum(${perSecond('process_cpu_seconds_total')})`;

/** Asked with a step of a minute: each change shows once, whatever the scrape interval. */
export const revisionChanged = 'banyan_config_revision != (banyan_config_revision offset 1m)';
export const tripBegan = 'banyan_route_tripped == 1 unless (banyan_route_tripped offset 1m) == 1';
