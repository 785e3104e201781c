import { Registry } from 'prom-client';
import type { OpenMetricsContentType } from 'prom-client';
import { mirror } from './collector.js';

/** One answer to a scrape. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

const OPEN_METRICS = 'application/openmetrics-text';

/** Everything in a registry, as OpenMetrics where `accept` asks for it by name, else as Prometheus text. */
export async function render(registry: Registry, accept: string | undefined): Promise<Exposition> {
  if (!wantsOpenMetrics(accept)) return { contentType: registry.contentType, body: await registry.metrics() };
  const open = new Registry<OpenMetricsContentType>();
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  mirror(registry, open);
  return { contentType: open.contentType, body: await open.metrics() };
}

/** Whether a client names OpenMetrics, and no text form that it likes better. Wildcards mean text. */
export function wantsOpenMetrics(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').map(mediaRange);
  const best = (type: string): number =>
    Math.max(0, ...ranges.filter((range) => range.type === type).map((range) => range.quality));
  const open = best(OPEN_METRICS);
  return open > 0 && open >= best('text/plain');
}

function mediaRange(text: string): { readonly type: string; readonly quality: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 };
}
