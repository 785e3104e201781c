import { setTimeout as pause } from 'node:timers/promises';
import type { BenchGateway } from '../gateway.js';

/** What the gateway has counted of one function so far. */
export interface Counts {
  /** Calls that legacy answered. */
  readonly answered: number;
  readonly compared: number;
  readonly dropped: number;
}

export async function countsOf({ admin }: BenchGateway, plugin: string): Promise<Counts> {
  const sum = await sumsOf(admin, plugin);
  return {
    answered: sum('banyan_calls_total', 'backend="legacy"', 'role="primary"', 'outcome="ok"'),
    compared: sum('banyan_comparisons_total'),
    dropped: sum('banyan_shadow_dropped_total'),
  };
}

/** Resolves when no call of the plugin runs or waits in a backend. */
export async function untilIdle({ admin }: BenchGateway, plugin: string): Promise<void> {
  for (;;) {
    const sum = await sumsOf(admin, plugin);
    if (sum('banyan_calls_in_flight') === 0) return;
    await pause(50);
  }
}

type Sum = (name: string, ...labels: readonly string[]) => number;

/** Adds up the series of one plugin, by what the gateway shows now. */
async function sumsOf(admin: string, plugin: string): Promise<Sum> {
  const lines = (await (await fetch(`${admin}/metrics`)).text()).split('\n');
  return (name, ...labels) =>
    lines
      .filter(
        (line) => line.startsWith(`${name}{`) && [`plugin="${plugin}"`, ...labels].every((each) => line.includes(each)),
      )
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
