/** A value, and how it changes. */
export interface Sloped {
  readonly value: number;
  readonly slope: number;
}

const STEPS = 100;
const PRECISION = 1e-9;

interface Within {
  readonly from: number;
  readonly to: number;
  readonly start: number;
}

/**
 * Where a convex, strictly monotone function takes a value that it does take between `from` and `to` (themselves
 * excluded), by Newton's steps: after the first they come from the side where the function is greater, and stay there.
 */
export function convexRoot(at: (x: number) => Sloped, target: number, { from, to, start }: Within): number {
  let x = Math.min(Math.max(start, from), to);
  for (let step = 0; step < STEPS; step++) {
    const { value, slope } = at(x);
    const wanted = x - (value - target) / slope;
    // A step over an edge goes a good part of the way there instead.
    const next = wanted <= from ? from + (x - from) / 8 : wanted >= to ? to - (to - x) / 8 : wanted;
    if (Math.abs(next - x) <= PRECISION * Math.abs(next)) return next;
    x = next;
  }
  return x;
}
