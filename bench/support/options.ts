import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** A few seconds instead of minutes: shows that the bench runs, its figures mean little. */
  readonly quick: boolean;
  /** Measured rounds; null: the bench's own choice. */
  readonly rounds: number | null;
  /** Seconds a measurement; null: the bench's own choice. */
  readonly seconds: number | null;
  /** Seconds to spend at most on repeating what other processes spoilt; null: the bench's own choice. */
  readonly patience: number | null;
  /** A further Node.js binary to measure beside this one, such as what `node scripts/node-24.mjs` prints; null: none. */
  readonly node: string | null;
}

/** Reads the options that all benches share; throws for anything else. */
export function readOptions(args: readonly string[] = process.argv.slice(2)): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      patience: { type: 'string' },
      node: { type: 'string' },
    },
  });
  return {
    quick: values.quick,
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    patience: positive('patience', values.patience),
    node: values.node ?? null,
  };
}

function positive(name: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`--${name} is a whole number of at least 1, not ${value}`);
}
