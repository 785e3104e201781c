import type { GateVerdict, Verdict } from '../../domain/evidence.js';
import type { BackendName } from '../../domain/backend.js';
import { lowerEdge, upperEdge } from '../buckets.js';
import type { Latencies } from '../latencies.js';
import { leastOver, mostUnder } from './bernoulli.js';
import { amount, figure } from '../../domain/figure.js';
import { notAlongside } from './not-alongside.js';

/** Of calls from the same times. */
export interface LatenciesSeen {
  readonly legacy: Latencies | null;
  readonly wasm: Latencies | null;
  /** Whether a side has run any call, at whatever time. */
  readonly ran: Readonly<Record<BackendName, boolean>>;
}

interface LatencyRule {
  /** 0 … 1. */
  readonly quantile: number;
  readonly ratio: number;
}

/** Milliseconds; `upper` is Infinity while too few calls say anything about it. */
interface Range {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Passes once wasm's quantile is shown to be at most `ratio` times legacy's, fails once it is shown to be more. Of a
 * side's quantile everything is known from how many calls took longer than a given duration, a rate like any other.
 */
export function latencyGate({ legacy, wasm, ran }: LatenciesSeen, rule: LatencyRule, alpha: number): GateVerdict {
  const limit = rule.ratio;
  if (legacy === null || wasm === null || legacy.total() === 0 || wasm.total() === 0) {
    const unknown = { estimate: null, lower: null, upper: null };
    return { gate: 'latency', verdict: 'inconclusive', ...unknown, limit, samples: 0, detail: notAlongside(ran) };
  }
  const of = {
    legacy: quantileRange(legacy, rule.quantile, alpha / 2),
    wasm: quantileRange(wasm, rule.quantile, alpha / 2),
  };
  const lower = of.wasm.lower / of.legacy.upper;
  const upper = of.legacy.lower === 0 ? Number.POSITIVE_INFINITY : of.wasm.upper / of.legacy.lower;
  const verdict: Verdict = lower > limit ? 'fail' : upper <= limit ? 'pass' : 'inconclusive';
  const seen = { legacy: legacy.quantile(rule.quantile), wasm: wasm.quantile(rule.quantile) };
  const samples = legacy.total() + wasm.total();
  return {
    gate: 'latency',
    verdict,
    estimate: seen.wasm / seen.legacy,
    lower,
    upper: Number.isFinite(upper) ? upper : null,
    limit,
    samples,
    detail:
      `${nameOf(rule.quantile)} of wasm is ${milliseconds(seen.wasm)}, of legacy ${milliseconds(seen.legacy)}, in ${amount(samples, 'call')} at the same time: ` +
      `${between(lower, upper)} times as long, ${figure(limit)} times are allowed`,
  };
}

function quantileRange(latencies: Latencies, quantile: number, alpha: number): Range {
  const samples = latencies.total();
  const tail = 1 - quantile;
  // So many took longer that no more than the tail's share would be no chance.
  const longest = leastOver(tail, samples, alpha);
  const lowest = mostUnder(tail, samples, alpha);
  return {
    lower: longest <= samples ? lowerEdge(latencies.fromLongest(longest)) : 0,
    upper: lowest >= 0 && lowest < samples ? upperEdge(latencies.fromLongest(lowest + 1)) : Number.POSITIVE_INFINITY,
  };
}

function between(lower: number, upper: number): string {
  return Number.isFinite(upper) ? `between ${figure(lower)} and ${figure(upper)}` : `at least ${figure(lower)}`;
}

/** 0.99 is p99. */
function nameOf(quantile: number): string {
  return `p${String(Number((100 * quantile).toFixed(4))).replace('.', '')}`;
}

function milliseconds(value: number): string {
  return `${figure(value)} ms`;
}
