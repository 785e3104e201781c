import type { Compared } from '../domain/compared.js';
import { placeOf } from '../domain/comparison.js';
import type { GatewayEvent } from '../domain/event.js';

/** At most so often a mismatch that is like those before is told of. Milliseconds. */
const TOLD_EVERY = 10_000;
/** Kinds of mismatches that are remembered of one function; further ones are told of as if they were known. */
const REMEMBERED = 100;
/** Differences in one event. */
const TOLD_AT_ONCE = 10;

interface Told {
  readonly digests: string;
  readonly signatures: Set<string>;
  lastAt: number;
}

/**
 * Tells of mismatches without drowning anybody in them: when one is seen at a new place or of a new kind, and else every
 * ten seconds. `totalOf` answers how many there were.
 */
export function mismatchNews(options: {
  readonly publish: (event: GatewayEvent) => void;
  readonly totalOf: (compared: Compared) => number;
  readonly now?: () => number;
}): (compared: Compared) => void {
  const { publish, totalOf, now = () => performance.now() } = options;
  const functions = new Map<string, Told>();

  return (compared) => {
    const { live, comparison } = compared;
    if (comparison.result !== 'mismatch') return;
    const name = `${live.plugin}/${live.spec.name}`;
    const digests = `${live.legacy?.digest ?? ''} ${live.wasm?.digest ?? ''} ${live.spec.compareDigest}`;
    let told = functions.get(name);
    if (told?.digests !== digests) {
      functions.set(name, (told = { digests, signatures: new Set(), lastAt: Number.NEGATIVE_INFINITY }));
    }
    const { signatures } = told;
    const signature = comparison.differences
      .map(({ pointer, kind }) => `${placeOf(pointer)} ${kind}`)
      .sort()
      .join('\n');
    const isNew = signatures.size < REMEMBERED && !signatures.has(signature);
    if (isNew) signatures.add(signature);
    if (!isNew && now() - told.lastAt < TOLD_EVERY) return;
    told.lastAt = now();
    publish({
      type: 'mismatch',
      plugin: live.plugin,
      function: live.spec.name,
      differences: comparison.differences.slice(0, TOLD_AT_ONCE),
      total: totalOf(compared),
    });
  };
}
