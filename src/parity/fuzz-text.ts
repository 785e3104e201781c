import type { Finding, Fuzzed } from './fuzz-pair.js';
import { bytesText, outcomeText } from './outcome-text.js';
import { seconds } from './verify-text.js';
import { amount, figure } from '../domain/figure.js';

interface About {
  /** `pricing/quote`. */
  readonly name: string;
  readonly seed: number;
  readonly asked: number;
}

/** What came of a fuzz, in lines for people: the verdict first. */
export function fuzzedLines({ name, seed, asked }: About, fuzzed: Fuzzed): readonly string[] {
  const { runs, finding, interrupted, lateOnce, ms } = fuzzed;
  const late = lateOnce === 0 ? [] : [`note: ${amount(lateOnce, 'input')} ran out of time among others, and not alone`];
  if (finding !== null)
    return [`${name}: a difference at run ${figure(finding.run)} (seed ${seed})`, ...findingLines(finding), ...late];
  const rate = `${seconds(ms)}, ${figure(Math.round((runs / Math.max(ms, 1)) * 1_000))} a second`;
  const done = interrupted
    ? `: interrupted after ${figure(runs)} of ${amount(asked, 'run')}`
    : ` in ${amount(runs, 'run')}`;
  return [`${name}: no difference found${done} (seed ${seed}; ${rate})`, ...late];
}

/** Bytes of inputs and outputs that are printed; all of them are in the corpus. */
const MOST = 2_000;

function findingLines({ found, smallest, shrunk, noise }: Finding): readonly string[] {
  const { comparison } = smallest;
  const sizes = `${figure(found.input.length)} to ${amount(smallest.input.length, 'byte')}`;
  return [
    ...(shrunk === null
      ? ['it did not come again when the same input was run alone: what went before has a part in it']
      : [
          `made smaller in ${amount(shrunk.runs, 'run')}, from ${sizes}${shrunk.smallest ? '' : '; it might be smaller still'}`,
        ]),
    `  input   ${bytesText(smallest.input, MOST)}`,
    `  legacy  ${outcomeText(smallest.legacy, { most: MOST })}`,
    `  wasm    ${outcomeText(smallest.wasm, { most: MOST })}`,
    ...comparison.differences.map(
      ({ pointer, kind, legacy, wasm }) =>
        `  ${pointer === '' ? 'the whole output' : pointer}: ${kind}, legacy ${legacy ?? 'nothing'}, wasm ${wasm ?? 'nothing'}`,
    ),
    ...(comparison.differences.length === 0 ? [`  ${comparison.result}`] : []),
    ...(comparison.omitted > 0 ? [`  and ${amount(comparison.omitted, 'difference')} more`] : []),
    ...(noise.length === 0
      ? []
      : [
          `note: legacy differs from itself on this input at ${noise.map(({ pointer }) => pointer || 'the whole output').join(', ')}: ` +
            'what changes by itself belongs into `compare.ignore`',
        ]),
  ];
}
