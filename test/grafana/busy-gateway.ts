import { createMetrics } from '#src/telemetry/metrics.js';
import type { Metrics } from '#src/telemetry/metrics.js';
import { generationOf } from '../telemetry/generation-of.js';
import { tripped } from '../trips.js';

/** The metrics of a gateway in the middle of a migration; each `work` is some more traffic, with an error and a restart. */
export function busyGateway(): { readonly metrics: Metrics; readonly work: () => void } {
  const metrics = createMetrics({ version: '0.0.0' });
  const generation = generationOf(5, {
    pricing: {
      functions: { quote: { stage: { stage: 'canary', percent: 25, sample: 0, allow: [], fallback: false } } },
    },
    vowels: { functions: { count: { stage: { stage: 'wasm', sample: 0, fallback: false }, tripped: tripped() } } },
  });
  metrics.useGeneration(() => generation);

  const work = (): void => {
    for (const plugin of generation.plugins.values()) {
      for (const functionName of plugin.functions.keys()) {
        for (const backend of ['legacy', 'wasm'] as const) {
          for (const outcome of ['ok', 'ok', 'ok', 'timeout'] as const) {
            const of = { plugin: plugin.plugin.name, function: functionName, backend, role: 'primary' } as const;
            metrics.observe({
              ...of,
              outcome,
              again: false,
              hadItsTime: true,
              queueMs: 0.05,
              callMs: backend === 'legacy' ? 2 : 1,
            });
          }
        }
      }
    }
    for (const result of ['match', 'mismatch', 'wasm-failed'] as const) {
      metrics.countComparison('pricing', 'quote', result);
    }
    metrics.countDropped('pricing', 'quote', 'busy');
    metrics.countFallback('pricing', 'quote', 'trapped');
    metrics.countRestart('pricing', 'legacy', 'SIGSEGV');
    metrics.countFlip('accepted');
    metrics.countHttp('data', 200);
    metrics.countHttp('admin', 200);
  };
  work();
  return { metrics, work };
}
