import { amount, figure } from '../domain/figure.js';
import { FURTHER, type Place } from './tally.js';
import { isEqual, type Verified } from './verify-corpus.js';

/** What came of a corpus, in lines for people: the verdict first. */
export function verifiedLines(name: string, verified: Verified): readonly string[] {
  const { lines, total, counts, ms, interrupted, elsewhere } = verified;
  const different = counts.mismatch + counts['legacy-failed'] + counts['wasm-failed'];
  const rate = `${seconds(ms)}, ${amount(Math.round((lines / Math.max(ms, 1)) * 1_000), 'line')} a second`;
  const run = interrupted ? `interrupted after ${figure(lines)} of ${amount(total, 'line')}` : amount(lines, 'line');
  const alike = counts['both-failed'] > 0 ? `, ${figure(counts['both-failed'])} failed alike on both sides` : '';
  return [
    `${name}: ${isEqual(verified) ? 'equal' : different > 0 ? 'different' : 'not all of it was run'}`,
    `${run} (${rate}): ${figure(counts.match)} equal${alike}, ${figure(different)} different`,
    ...verified.places.map((place) => placeLine(place)),
    ...elsewhere.map((more) => `  ${amount(more.lines, 'line')} of ${more.function}: ${FURTHER}`),
    ...notesOf(verified).map((note) => `note: ${note}`),
  ];
}

function placeLine({ count: lines, result, pointer, kind, example, function: name }: Place): string {
  const where = pointer === null ? result : `${pointer === '' ? 'the whole output' : pointer}, ${kind ?? result}`;
  const sides = `legacy ${example.legacy ?? 'nothing'}, wasm ${example.wasm ?? 'nothing'}`;
  return `  ${amount(lines, 'line')} of ${name}: ${where}; first ${example.file}:${example.line}: ${sides}`;
}

function notesOf({ changed, redacted, others, lateOnce }: Verified): readonly string[] {
  const { example } = changed;
  return [
    ...(changed.count === 0 || example === null
      ? []
      : [
          `legacy itself answers differently now than when recorded, on ${amount(changed.count, 'line')}; ` +
            `first ${example.file}:${example.line}: recorded ${example.recorded}, now ${example.now}`,
        ]),
    ...(redacted === 0
      ? []
      : [
          `something had been taken out of ${amount(redacted, 'line')}: they were run as they are, and what was recorded there was not looked at`,
        ]),
    ...(others === 0 ? [] : [`${amount(others, 'line')} for other functions were left out`]),
    ...(lateOnce === 0 ? [] : [`${amount(lateOnce, 'line')} ran out of time among others, and not alone`]),
  ];
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
