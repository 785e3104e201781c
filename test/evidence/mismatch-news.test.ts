import { beforeEach, expect, it } from 'vitest';
import type { Compared } from '#src/domain/compared.js';
import type { ComparisonResult, Difference } from '#src/domain/comparison.js';
import type { GatewayEvent } from '#src/domain/event.js';
import { mismatchNews } from '#src/evidence/mismatch-news.js';
import { liveFunction } from '../dispatch/live.js';

let clock: number;
let told: GatewayEvent[];
let tell: (compared: Compared) => void;
beforeEach(() => {
  clock = 0;
  told = [];
  tell = mismatchNews({ publish: (event) => told.push(event), totalOf: () => 7, now: () => clock });
});

const { live } = liveFunction({ stage: 'shadow', sample: 100 });

function compared(pointers: readonly string[], result: ComparisonResult = 'mismatch', of = live): Compared {
  const differences = pointers.map((pointer): Difference => ({ pointer, kind: 'value', legacy: '1', wasm: '2' }));
  const ended = { output: Buffer.of() };
  return {
    live: of,
    comparison: { result, differences, omitted: 0 },
    input: Buffer.of(),
    legacy: ended,
    wasm: ended,
    primary: 'legacy',
    requestId: 'r',
    key: null,
    at: 0,
  };
}

it('a mismatch at a new place is told of at once, and those like it every ten seconds', () => {
  tell(compared(['/items/0/price']));
  tell(compared(['/items/7/price']));
  tell(compared(['/total']));
  expect(told).toMatchObject([
    { type: 'mismatch', plugin: 'p', function: 'f', differences: [{ pointer: '/items/0/price' }], total: 7 },
    { differences: [{ pointer: '/total' }] },
  ]);
  clock = 9_999;
  tell(compared(['/total']));
  expect(told.length).toBe(2);
  clock = 10_000;
  tell(compared(['/total']));
  expect(told.length).toBe(3);
});

it('what matches, and a side that failed, is no mismatch', () => {
  for (const result of ['match', 'legacy-failed', 'wasm-failed', 'both-failed'] as const) tell(compared([], result));
  expect(told).toEqual([]);
});

it('a new build is news again', () => {
  tell(compared(['/total']));
  tell(compared(['/total'], 'mismatch', { ...live, wasm: { ...live.wasm!, digest: 'another' } }));
  expect(told.length).toBe(2);
});

it('a function that never differs in the same way twice is not told of for ever', () => {
  for (let call = 0; call < 1_000; call++) tell(compared([`/member${call}`]));
  expect(told.length).toBe(100);
});
