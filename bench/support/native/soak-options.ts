import { parseArgs } from 'node:util';

export interface SoakOptions {
  readonly calls: number;
  readonly restarts: number;
  /** Of killing children, ten a second; longer on a machine that does not start them as fast. */
  readonly seconds: number;
}

/** Throws for anything but `--quick`, `--calls N`, `--restarts N` and `--seconds N`. */
export function readSoakOptions(args: readonly string[] = process.argv.slice(2)): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      calls: { type: 'string' },
      restarts: { type: 'string' },
      seconds: { type: 'string' },
    },
  });
  return {
    calls: atLeast(1_000, 'calls', values.calls ?? (values.quick ? '50000' : '1000000')),
    restarts: atLeast(20, 'restarts', values.restarts ?? (values.quick ? '40' : '1000')),
    seconds: atLeast(1, 'seconds', values.seconds ?? (values.quick ? '3' : '60')),
  };
}

function atLeast(least: number, name: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`--${name} is a whole number of at least ${least}, not ${value}`);
}
