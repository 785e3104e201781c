import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_GATES } from '#src/domain/evidence.js';
import type { GateName, GateRules, GateVerdict } from '#src/domain/evidence.js';
import type { Outcome } from '#src/domain/failure.js';
import type { LiveFunction } from '#src/domain/generation.js';
import { SLICE_MS } from '#src/evidence/alongside.js';
import type { Opened } from './seen.js';
import { folder, liveFunction, observation, opened, randomOf, times } from './seen.js';

const MEDIAN: GateRules = {
  mismatches: null,
  failures: { margin: 0.1 },
  latency: { quantile: 0.5, ratio: 1.5 },
  alpha: 5,
};
const SECOND = 1_000;
const MINUTE = 60_000;

const NEVER_BOTH = 'legacy and wasm have run no calls at the same time yet, and others are not held against each other';

/** After the slice of time has ended in which the calls so far were made. */
function verdictOf({ book, clock }: Opened, live: LiveFunction, gate: GateName, rules = MEDIAN): GateVerdict {
  clock.now += SLICE_MS;
  return book.gates(live, rules).find((verdict) => verdict.gate === gate)!;
}

interface Traffic {
  readonly calls: number;
  /** From call to call, milliseconds. */
  readonly every?: number;
  readonly callMs?: number;
  readonly outcome?: Outcome;
}

type Side = 'legacy' | 'wasm';

/** Calls of callers that one side answers. */
function alone(
  backend: Side,
  { book, clock }: Opened,
  live: LiveFunction,
  { calls, every = 10, callMs = 1, outcome = 'ok' }: Traffic,
): void {
  times(calls, () => {
    clock.now += every;
    book.observe(observation({ backend, callMs, outcome }), live);
  });
}

/** Calls that legacy answers, and wasm runs after it. */
function mirrored(
  { book, clock }: Opened,
  live: LiveFunction,
  { calls, every = 10, callMs = 1, outcome = 'ok' }: Traffic,
): void {
  times(calls, () => {
    clock.now += every;
    book.observe(observation({ backend: 'legacy', callMs, outcome }), live);
    book.observe(observation({ backend: 'wasm', role: 'shadow', callMs, outcome }), live);
  });
}

describe('What the sides did in different times', () => {
  it('does not count: legacy alone, and faster, for days before wasm ran', async () => {
    const seen = await opened();
    const live = liveFunction();
    alone('legacy', seen, live, { calls: 200_000, callMs: 1 });
    mirrored(seen, live, { calls: 10_000, callMs: 2.73 });
    expect(verdictOf(seen, live, 'latency')).toMatchObject({ verdict: 'pass', estimate: 1 });
  });

  it('does not count: wasm alone, in heavier traffic, once it answers all', async () => {
    const seen = await opened();
    const live = liveFunction();
    mirrored(seen, live, { calls: 50_000 });
    expect(verdictOf(seen, live, 'latency', DEFAULT_GATES).verdict).toBe('pass');
    alone('wasm', seen, live, { calls: 50_000, callMs: 3 });
    for (const rules of [MEDIAN, DEFAULT_GATES]) {
      expect(verdictOf(seen, live, 'latency', rules)).toMatchObject({ verdict: 'pass', estimate: 1, samples: 100_000 });
    }
    expect(seen.book.counts(live).calls.wasm).toEqual({ primary: 50_000, shadow: 50_000, fallback: 0 });
    expect((await seen.book.view(live)).current.latency.wasm.execution).toMatchObject({ samples: 100_000 });
  });

  it('does not count for failures either', async () => {
    const seen = await opened();
    const early = liveFunction({ name: 'early' });
    alone('legacy', seen, early, { calls: 10_000, outcome: 'plugin-error' });
    const late = liveFunction({ name: 'late' });
    for (const live of [early, late]) mirrored(seen, live, { calls: 50_000 });
    seen.clock.now += SLICE_MS;
    alone('wasm', seen, late, { calls: 10_000, outcome: 'plugin-error' });
    for (const live of [early, late]) expect(verdictOf(seen, live, 'failures').verdict).not.toBe('fail');
    expect(verdictOf(seen, late, 'failures')).toMatchObject({ verdict: 'pass', estimate: 0 });
  });

  it('is told to be so where there was nothing else', async () => {
    const seen = await opened();
    const live = liveFunction();
    alone('legacy', seen, live, { calls: 5_000 });
    expect(verdictOf(seen, live, 'latency').detail).toBe('wasm has run no call yet');
    seen.clock.now += 10 * MINUTE;
    alone('wasm', seen, live, { calls: 5_000, callMs: 9 });
    for (const gate of ['failures', 'latency'] as const) {
      expect(verdictOf(seen, live, gate)).toMatchObject({ verdict: 'inconclusive', detail: NEVER_BOTH });
    }
  });

  it('does not count where the share of wasm grows as traffic does', async () => {
    const seen = await opened();
    const live = liveFunction();
    const random = randomOf(3);
    // Alike at every time, but few of legacy's calls are made in the heavy traffic, and most of wasm's.
    for (const [percent, callMs] of [
      [1, 1],
      [25, 2],
      [60, 4],
      [95, 8],
    ] as const) {
      times(20_000, () => {
        seen.clock.now += 10;
        const backend = random() < percent / 100 ? 'wasm' : 'legacy';
        const outcome = random() < callMs / 100 ? 'plugin-error' : 'ok';
        seen.book.observe(observation({ backend, callMs, outcome }), live);
      });
    }
    expect(verdictOf(seen, live, 'latency')).toMatchObject({ estimate: 1 });
    for (const gate of ['failures', 'latency'] as const) expect(verdictOf(seen, live, gate).verdict).not.toBe('fail');
  });
});

describe('What both sides did at the same time', () => {
  it('counts whole, however rarely a function is called, or late its time-outs end', async () => {
    const seen = await opened();
    const live = liveFunction({ spec: { timeoutMs: 10_000 } });
    times(500, () => {
      seen.clock.now += MINUTE;
      seen.book.observe(observation({ backend: 'legacy' }), live);
      seen.clock.now += 10 * SECOND;
      seen.book.observe(observation({ backend: 'wasm', role: 'shadow', outcome: 'timeout', callMs: 9_999 }), live);
    });
    expect(verdictOf(seen, live, 'latency')).toMatchObject({ verdict: 'fail', samples: 1_000 });
    expect(verdictOf(seen, live, 'failures')).toMatchObject({ verdict: 'fail', estimate: 100 });
  });

  it('counts whole in bursts that wasm runs long after legacy did', async () => {
    const seen = await opened();
    const live = liveFunction();
    times(100, () => {
      seen.clock.now += MINUTE;
      alone('legacy', seen, live, { calls: 50 });
      seen.clock.now += SECOND;
      alone('wasm', seen, live, { calls: 50 });
    });
    expect(verdictOf(seen, live, 'latency').samples).toBe(10_000);
  });

  it.each([
    ['a hundred times a second', 10],
    ['every twenty seconds', 20 * SECOND],
  ])('shows a slow wasm that one key in a hundred gets, called %s', async (_, every) => {
    const seen = await opened();
    const live = liveFunction();
    const random = randomOf(5);
    times(40_000, () => {
      const backend = random() < 0.01 ? 'wasm' : 'legacy';
      alone(backend, seen, live, { calls: 1, every, callMs: backend === 'wasm' ? 2 : 1 });
    });
    const { verdict, samples } = verdictOf(seen, live, 'latency');
    expect(verdict).toBe('fail');
    // Some 400 of wasm, but for those that came long after legacy's, and as many of legacy.
    expect(samples).toBeGreaterThan(600);
    expect(samples).toBeLessThan(1_000);
  });

  it('goes on counting after the clock was set back', async () => {
    const seen = await opened();
    const live = liveFunction();
    mirrored(seen, live, { calls: 1_000 });
    seen.clock.now -= 60 * MINUTE;
    mirrored(seen, live, { calls: 1_000 });
    expect(verdictOf(seen, live, 'latency').samples).toBeGreaterThan(2_900);
  });

  it('is held against wasm wrongly in one of twenty rollouts at most, in waves of load and at whatever time one looks', async () => {
    const { book, clock } = await opened();
    const rollouts = 100;
    let wrong = 0;
    for (let rollout = 0; rollout < rollouts; rollout++) {
      const random = randomOf(rollout + 1);
      const live = liveFunction({ wasm: `W${rollout}` });
      for (let call = 1; call <= 20_000; call++) {
        clock.now += 10;
        // The share of wasm goes up and down with the load, and so do the time that a call takes, and failures.
        const wave = (1 + Math.sin(call / 1_000)) / 2;
        const backend = random() < 0.05 + 0.9 * wave ? 'wasm' : 'legacy';
        const callMs = (1 + 9 * wave) * -Math.log(1 - random());
        const outcome = random() < wave / 5 ? 'plugin-error' : 'ok';
        book.observe(observation({ backend, callMs: backend === 'wasm' ? 1.45 * callMs : callMs, outcome }), live);
        if (call % 500 !== 0 || book.gates(live, MEDIAN).every(({ verdict }) => verdict !== 'fail')) continue;
        wrong += 1;
        break;
      }
    }
    expect(wrong / rollouts).toBeLessThanOrEqual(0.05);
  });
});

describe('How long calls take', () => {
  it('is not told by those that were cut short, refused or broken, nor by what legacy runs in the place of wasm', async () => {
    const seen = await opened();
    const live = liveFunction();
    times(1_000, () => {
      seen.book.observe(observation({ backend: 'legacy', callMs: 10 }), live);
      seen.book.observe(observation({ backend: 'wasm', callMs: 100 }), live);
      for (const outcome of ['cancelled', 'unavailable', 'trapped', 'crashed', 'bad-output', 'overloaded'] as const) {
        for (const backend of ['legacy', 'wasm'] as const) {
          seen.book.observe(observation({ backend, outcome, callMs: 0 }), live);
        }
      }
      seen.book.observe(observation({ backend: 'legacy', role: 'fallback', callMs: 200 }), live);
    });
    const { estimate, verdict, samples } = verdictOf(seen, live, 'latency');
    expect({ verdict, samples }).toEqual({ verdict: 'fail', samples: 2_000 });
    expect(estimate).toBeCloseTo(10, 0);
    const { wasm } = (await seen.book.view(live)).current.latency;
    expect(wasm.execution).toMatchObject({ samples: 1_000 });
    expect(wasm.execution?.p50).toBeCloseTo(100, -1);
  });

  it('is told by errors of the plugin, and by time-outs as the longest there are, whatever time they left to the call', async () => {
    const seen = await opened();
    const live = liveFunction({ spec: { timeoutMs: 500 } });
    times(1_000, () => {
      seen.book.observe(observation({ backend: 'legacy', callMs: 10, outcome: 'plugin-error' }), live);
      seen.book.observe(observation({ backend: 'wasm', callMs: 5, outcome: 'timeout' }), live);
    });
    const { estimate, verdict, samples } = verdictOf(seen, live, 'latency');
    expect({ verdict, samples }).toEqual({ verdict: 'fail', samples: 2_000 });
    expect(estimate).toBeCloseTo(50, -1);
  });
});

describe('What gates read', () => {
  it('is the same after a restart, but for the slice that had not ended', async () => {
    const at = await folder();
    const seen = await opened({ folder: at });
    const live = liveFunction();
    alone('legacy', seen, live, { calls: 1_000, callMs: 5 });
    mirrored(seen, live, { calls: 2_000 });
    seen.clock.now += SLICE_MS;
    mirrored(seen, live, { calls: 10 });
    const before = seen.book.gates(live, MEDIAN);
    expect(before.map(({ samples }) => samples > 1_900)).toEqual([true, true]);
    await seen.book.close();
    const again = await opened({ folder: at, at: seen.clock.now });
    expect(again.book.gates(live, MEDIAN)).toEqual(before);
    mirrored(again, live, { calls: 10 });
    expect(verdictOf(again, live, 'latency').samples).toBe((before[1]?.samples ?? 0) + 20);
  });

  it('is, of what was written before it was told apart, the failures without those from before wasm ran', async () => {
    const at = await folder();
    const seen = await opened({ folder: at });
    const live = liveFunction();
    mirrored(seen, live, { calls: 1_000 });
    seen.clock.now += SLICE_MS;
    await seen.book.close();
    const [file = ''] = await readdir(at);
    const text = await readFile(join(at, file), 'utf8');
    const before = text
      .replace(/"trials":\[[^\]]*\]/, '"trials":[5000,70,900,9,4000,60]')
      .replace(/,"alongside":\[\[.*?\]\]/g, '');
    expect(text).toContain('"alongside":[[');
    expect(before).not.toContain('alongside');
    await writeFile(join(at, file), before);
    const again = await opened({ folder: at, at: seen.clock.now });
    expect(again.warnings).toEqual([]);
    const { bounds, latency } = (await again.book.view(live)).current;
    expect(bounds.failures).toMatchObject({
      legacy: { samples: 1_000, estimate: 1 },
      wasm: { samples: 900, estimate: 1 },
    });
    expect(latency.wasm.execution).toMatchObject({ samples: 1_000 });
    expect(verdictOf(again, live, 'latency')).toMatchObject({ verdict: 'inconclusive', samples: 0 });
  });
});
