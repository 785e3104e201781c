/** Looks at values that may still be spent on what takes longer than to go through both documents once. */
export interface Budget {
  left: number;
}

/** Looks for each byte of both documents; and for small documents at least, for large ones at most, so many. */
const FOR_EACH_BYTE = 16;
const LEAST = 2_000;
const MOST = 20_000_000;

/** To pair by a tolerance, for each byte over those that are compared while callers wait. */
const TO_PAIR = 64;
const SMALL = 512;

/** By the documents' size and the rule alone: the same two have the same answer, in whatever thread. */
export function budgetFor(size: number, hasTolerance: boolean): Budget {
  const more = hasTolerance ? TO_PAIR * Math.max(0, size - SMALL) : 0;
  return { left: Math.min(Math.max(LEAST, FOR_EACH_BYTE * size) + more, MOST) };
}
