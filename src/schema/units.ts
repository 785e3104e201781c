import { z } from 'zod';

const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const SIZE_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A duration with its unit (`500ms`, `2s`, `1m`, `1h`), parsed to milliseconds; over a day, timers could overflow. */
export const duration = quantity(DURATION_MS, 'a duration such as 500ms, 2s, 1m or 1h').refine(
  (ms) => ms <= 86_400_000,
  'expected at most 24h',
);

const DAY_MS = 86_400_000;

/** How long people wait for something, up to a year (`30m`, `6h`, `7d`), parsed to milliseconds: no timer is set by it. */
export const span = quantity({ ...DURATION_MS, d: DAY_MS }, 'a duration such as 30s, 10m, 6h or 7d').refine(
  (ms) => ms <= 365 * DAY_MS,
  'expected at most 365d',
);

/** Milliseconds as {@link span} reads them, in the largest unit that holds them whole. */
export function writtenSpan(ms: number): string {
  const units = Object.entries({ d: DAY_MS, h: 3_600_000, m: 60_000, s: 1_000 });
  const [unit, factor] = units.find(([, each]) => ms % each === 0) ?? ['ms', 1];
  return `${ms / factor}${unit}`;
}

/** A size with its unit (`512B`, `64KiB`, `64MiB`, `1GiB`), parsed to bytes. */
export const size = quantity(SIZE_BYTES, 'a size such as 64KiB, 16MiB or 1GiB');

/** The size of a body: at most 1 GiB, since it lives in one buffer on each side of a hop. */
export const bodySize = size.refine((bytes) => bytes <= 1024 ** 3, 'expected at most 1GiB');

function quantity(units: Readonly<Record<string, number>>, expected: string) {
  const form = new RegExp(`^(\\d+(?:\\.\\d+)?)(${Object.keys(units).join('|')})$`);
  const written = z.unknown().transform((value, context) => {
    const match = typeof value === 'string' ? form.exec(value) : null;
    const factor = units[match?.[2] ?? ''];
    const result = factor === undefined ? Number.NaN : Number(match?.[1]) * factor;
    if (!Number.isSafeInteger(result) || result <= 0) {
      context.addIssue({ code: 'custom', message: `expected ${expected}` });
      return z.NEVER;
    }
    return result;
  });
  return written.meta({ type: 'string', pattern: form.source, description: `Expected: ${expected}.` });
}
