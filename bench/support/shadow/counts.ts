import type { BenchGateway } from '../gateway.js';

/** What the gateway has counted of one function so far. */
export interface Counts {
  /** Calls that legacy answered. */
  readonly answered: number;
  readonly compared: number;
  readonly dropped: number;
}

export async function countsOf({ admin }: BenchGateway, plugin: string): Promise<Counts> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  const sum = (name: string, ...labels: string[]): number =>
    text
      .split('\n')
      .filter(
        (line) => line.startsWith(`${name}{`) && [`plugin="${plugin}"`, ...labels].every((each) => line.includes(each)),
      )
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  return {
    answered: sum('banyan_calls_total', 'backend="legacy"', 'role="primary"', 'outcome="ok"'),
    compared: sum('banyan_comparisons_total'),
    dropped: sum('banyan_shadow_dropped_total'),
  };
}
