import type { BackendName } from './backend.js';
import { bucketOf, BUCKETS } from './bucket.js';
import type { RouteInForce } from './route.js';
import { hundredths } from './stage.js';

export type Reason = 'stage' | 'percentage' | 'allowlist' | 'override' | 'fallback' | 'tripped';

export interface Choice {
  readonly backend: BackendName;
  readonly reason: Reason;
}

/** What of a call the choice depends on. `key` is a byte string, null without one; `forced` only where overrides are allowed. */
export interface Chooser {
  readonly key: string | null;
  readonly forced: BackendName | null;
  /** A number in [0, 1), asked for only when a canary call has no key. */
  readonly random: () => number;
}

const LEGACY_BY_STAGE: Choice = { backend: 'legacy', reason: 'stage' };
const WASM_BY_STAGE: Choice = { backend: 'wasm', reason: 'stage' };
const LEGACY_BY_PERCENTAGE: Choice = { backend: 'legacy', reason: 'percentage' };
const WASM_BY_PERCENTAGE: Choice = { backend: 'wasm', reason: 'percentage' };
const WASM_BY_ALLOWLIST: Choice = { backend: 'wasm', reason: 'allowlist' };
const LEGACY_BY_TRIP: Choice = { backend: 'legacy', reason: 'tripped' };
const LEGACY_BY_OVERRIDE: Choice = { backend: 'legacy', reason: 'override' };
const WASM_BY_OVERRIDE: Choice = { backend: 'wasm', reason: 'override' };

/** Which backend answers a call, and why. Allocates nothing: it runs once in every call. */
export function choose(route: RouteInForce, by: Chooser): Choice {
  if (by.forced !== null) return by.forced === 'legacy' ? LEGACY_BY_OVERRIDE : WASM_BY_OVERRIDE;
  const stage = route.effective;
  // In `legacy` and `shadow` nothing was taken back; a trip that is half open lets some keys through.
  if (stage !== route.stage && stage.stage !== 'canary') return LEGACY_BY_TRIP;
  switch (stage.stage) {
    case 'legacy':
    case 'shadow':
      return LEGACY_BY_STAGE;
    case 'wasm':
    case 'retired':
      return WASM_BY_STAGE;
    case 'canary': {
      if (by.key !== null && route.allowed.has(by.key)) return WASM_BY_ALLOWLIST;
      const bucket = by.key === null ? Math.floor(by.random() * BUCKETS) : bucketOf(route.plugin, by.key);
      return bucket < hundredths(stage.percent) ? WASM_BY_PERCENTAGE : LEGACY_BY_PERCENTAGE;
    }
    default:
      return stage satisfies never;
  }
}
