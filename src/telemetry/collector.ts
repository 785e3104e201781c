import type { Metric, OpenMetricsContentType, Registry } from 'prom-client';
import type { MetricDefinition } from './catalogue.js';

export type Labels = Readonly<Record<string, string>>;

/** One line of an exposition. `sharedLabels` are written after `labels`; one object a series lets prom-client reuse its text. */
export interface Sample {
  readonly metricName?: string;
  readonly labels: Labels;
  readonly sharedLabels?: Labels;
  readonly value: number;
}

/** What a registry reads from a metric at each scrape; prom-client's own metrics have the same two ways to ask. */
interface Collector {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly Sample[];
}

interface Source {
  name: string;
  get(): Promise<Collector>;
  getForPromString?(): Promise<Collector>;
}

/** Puts a metric into a registry whose values are made when somebody scrapes. */
export function expose(registry: Registry, definition: MetricDefinition, samples: () => Iterable<Sample>): void {
  const { name, help, type } = definition;
  register(registry, { name, get: () => Promise.resolve({ name, help, type, values: [...samples()] }) });
}

/**
 * Puts what another registry holds into an OpenMetrics one. In that form prom-client cuts `_total` off the names of the
 * very objects that it renders and adds it to their samples, so it gets stand-ins: the originals stay fit for text.
 */
export function mirror(from: Registry, to: Registry<OpenMetricsContentType>): void {
  for (const metric of from.getMetricsAsArray() as unknown as Source[]) {
    const { name } = metric;
    register(to, {
      name,
      get: async () => {
        const collected = await (metric.getForPromString?.() ?? metric.get());
        return collected.type === 'counter' ? { ...collected, name: name.replace(/_total$/, '') } : collected;
      },
    });
  }
}

/** prom-client renders any object of this form; its types name only its own classes. */
function register(registry: Pick<Registry, 'registerMetric'>, source: Source): void {
  registry.registerMetric(source as unknown as Metric);
}
