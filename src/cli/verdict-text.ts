import type { GateVerdict } from '../domain/evidence.js';
import { amount, figure } from '../domain/figure.js';

/** A gate's answer in a line: `mismatches pass: 0.02 to 0.09 (limit 0.1, 5,000 samples)` and why. */
export function verdictText({ gate, verdict, lower, upper, limit, samples, detail }: GateVerdict): string {
  const bounds = lower === null && upper === null ? 'no data' : `${figureText(lower)} to ${figureText(upper)}`;
  return `${gate} ${verdict}: ${bounds} (limit ${figureText(limit)}, ${amount(samples, 'sample')}); ${detail}`;
}

/** A figure that may not be known. */
export function figureText(value: number | null): string {
  return value === null ? '?' : figure(value);
}
