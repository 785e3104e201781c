/** Lines that one backend may log in one lane, a second. */
const LINES_A_SECOND = 100;

/** Passes lines on up to a rate, and afterwards says how many it left out. `now` is in milliseconds. */
export function rateBounded(
  pass: (line: string) => void,
  now: () => number,
  perSecond = LINES_A_SECOND,
): (line: string) => void {
  let second = Number.NEGATIVE_INFINITY;
  let passed = 0;
  let dropped = 0;

  return (line) => {
    if (now() - second >= 1000) {
      if (dropped > 0) pass(`warn: ${dropped} lines were not logged, over ${perSecond} a second`);
      second = now();
      passed = 0;
      dropped = 0;
    }
    if (passed < perSecond) {
      passed++;
      pass(line);
    } else dropped++;
  };
}
