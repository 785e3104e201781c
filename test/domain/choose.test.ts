import { choose } from '#src/domain/choose.js';
import { bucketOf } from '#src/domain/bucket.js';
import type { RouteInForce } from '#src/domain/route.js';
import type { Stage } from '#src/domain/stage.js';
import { describe, expect, it } from 'vitest';
import { tripped } from '../trips.js';

const canary = (percent: number, allow: string[] = []): Stage => ({
  stage: 'canary',
  percent,
  sample: 0,
  allow,
  fallback: false,
});

function route(stage: Stage, more: Partial<RouteInForce> = {}): RouteInForce {
  const allowed = new Set(stage.stage === 'canary' ? stage.allow : []);
  return {
    plugin: 'pricing',
    function: 'quote',
    own: true,
    stage,
    effective: stage,
    allowed,
    tripped: null,
    revision: 1,
    ...more,
  };
}

const by = (key: string | null, random = 0): Parameters<typeof choose>[1] => ({
  key,
  forced: null,
  random: () => random,
});

describe('choose', () => {
  it.each<[Stage, string, string]>([
    [{ stage: 'legacy' }, 'legacy', 'stage'],
    [{ stage: 'shadow', sample: 100 }, 'legacy', 'stage'],
    [{ stage: 'wasm', sample: 0, fallback: false }, 'wasm', 'stage'],
    [{ stage: 'retired' }, 'wasm', 'stage'],
    [canary(0), 'legacy', 'percentage'],
    [canary(100), 'wasm', 'percentage'],
  ])('%j is answered by %s for the reason %s', (stage, backend, reason) => {
    expect(choose(route(stage), by('tenant-a'))).toEqual({ backend, reason });
  });

  it('sends a key to wasm exactly when its bucket lies below the percentage', () => {
    for (let key = 0; key < 2_000; key++) {
      const expected = bucketOf('pricing', `k${key}`) < 7 ? 'wasm' : 'legacy';
      // 0.07 * 100 is 7.000000000000001: a bucket of 7 must stay on legacy.
      expect(choose(route(canary(0.07)), by(`k${key}`)).backend).toBe(expected);
    }
  });

  it('keeps on wasm whoever was on wasm as the percentage grows', () => {
    const onWasm = (percent: number): Set<number> =>
      new Set(
        [...Array(1_000).keys()].filter((key) => choose(route(canary(percent)), by(`k${key}`)).backend === 'wasm'),
      );
    const few = onWasm(5);
    const many = onWasm(25);
    expect(few.size).toBeGreaterThan(0);
    for (const key of few) expect(many).toContain(key);
  });

  it('answers the keys of allow by wasm whatever their bucket', () => {
    expect(choose(route(canary(0, ['tenant-a'])), by('tenant-a'))).toEqual({ backend: 'wasm', reason: 'allowlist' });
    expect(choose(route(canary(0, ['tenant-a'])), by('tenant-b')).backend).toBe('legacy');
  });

  it('draws each call without a key on its own', () => {
    expect(choose(route(canary(50)), by(null, 0.4999)).backend).toBe('wasm');
    expect(choose(route(canary(50)), by(null, 0.5)).backend).toBe('legacy');
  });

  it('obeys a forced side before anything else', () => {
    const forced = { key: null, forced: 'wasm', random: () => 0 } as const;
    expect(choose(route({ stage: 'legacy' }), forced)).toEqual({ backend: 'wasm', reason: 'override' });
  });

  it('answers by legacy while tripped', () => {
    const stage: Stage = { stage: 'wasm', sample: 0, fallback: false };
    expect(choose(route(stage, { tripped: tripped(), effective: { stage: 'legacy' } }), by(null))).toEqual({
      backend: 'legacy',
      reason: 'tripped',
    });
  });
});
