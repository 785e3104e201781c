import type { GateVerdict } from '../domain/evidence.js';

/** A gate's answer in a line: `mismatches pass: 0.02 to 0.09 (limit 0.1, 5,000 samples)` and why. */
export function verdictText({ gate, verdict, lower, upper, limit, samples, detail }: GateVerdict): string {
  const bounds = lower === null && upper === null ? 'no data' : `${figure(lower)} to ${figure(upper)}`;
  return `${gate} ${verdict}: ${bounds} (limit ${figure(limit)}, ${samples.toLocaleString('en')} samples); ${detail}`;
}

function figure(value: number | null): string {
  return value === null ? '?' : String(Number(value.toPrecision(3)));
}
