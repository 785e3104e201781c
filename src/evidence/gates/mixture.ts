/**
 * Alternatives to a limit, by the factor between their odds and the limit's. A weighted mean of likelihood ratios over
 * any fixed list of alternatives is an e-process: under the limit, its chance of ever reaching 1/alpha is at most
 * alpha, however often it is looked at (Ville). So a list of a few dozen is exact, not an approximation of an integral.
 */
export interface Mixture {
  readonly factors: Float64Array;
  readonly logFactors: Float64Array;
  readonly logWeights: Float64Array;
}

const NODES = 32;

/** The nodes crowd where `share` comes to 1, which is at the limit: rates close to it are told apart in the end, too. */
function mixture(factorAt: (share: number) => number): Mixture {
  const edge = (node: number): number => 1 - (1 - node / NODES) ** 2;
  const nodes = Array.from({ length: NODES }, (_, node) => ({ from: edge(node), to: edge(node + 1) }));
  const factors = Float64Array.from(nodes, ({ from, to }) => factorAt((from + to) / 2));
  return {
    factors,
    logFactors: factors.map(Math.log),
    logWeights: Float64Array.from(nodes, ({ from, to }) => Math.log(to - from)),
  };
}

/** Below the limit, as Jeffreys' prior lies near zero: half of it under a quarter of the limit. */
export const BELOW = mixture((share) => share ** 2);

/** Above the limit: half of it within twice the limit, a tenth beyond ten times. */
export const ABOVE = mixture((share) => 1 / share);
