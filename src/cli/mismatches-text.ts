import { amount, figure } from '../domain/figure.js';
import type { KeptBody, KeptEnd } from '../domain/mismatch.js';
import type { MismatchesView } from '../schema/mismatch.js';

/** Characters of a body that are shown. */
const SHOWN = 500;

/** Samples, and how often there were such, as lines for a person. */
export function mismatchesText({
  plugin,
  function: functionName,
  samples,
  counts,
  others,
}: MismatchesView): readonly string[] {
  if (counts.length === 0) return [`${plugin}/${functionName}: no mismatch is known`];
  return [
    `${plugin}/${functionName}: ways in which calls did not match, the most frequent first`,
    ...counts.map(({ signature, count, last }) => `  ${amount(count, 'time')}, last ${last}: ${signature}`),
    ...(others > 0 ? [`  ${amount(others, 'time')} in ways that are not counted one by one`] : []),
    ...samples.flatMap(sampleText),
  ];
}

function sampleText(sample: MismatchesView['samples'][number]): readonly string[] {
  const { at, result, primary, requestId, headers, input, legacy, wasm, differences, omitted } = sample;
  return [
    '',
    `${at}  ${result}, answered by ${primary}, request ${requestId}`,
    `  legacy ${shortOf(sample.digests.legacy)}, wasm ${shortOf(sample.digests.wasm)}, rule ${shortOf(sample.digests.rule)}`,
    ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`),
    `  input   ${bodyText(input)}`,
    `  legacy  ${endText(legacy)}`,
    `  wasm    ${endText(wasm)}`,
    ...differences.map(
      ({ pointer, kind, ...sides }) =>
        `  ${pointer === '' ? '(all of it)' : pointer}: ${kind}, legacy ${sides.legacy ?? 'nothing'}, wasm ${sides.wasm ?? 'nothing'}`,
    ),
    ...(omitted > 0 ? [`  and ${figure(omitted)} more`] : []),
  ];
}

/** As the evidence names builds and rules. */
function shortOf(digest: string | null): string {
  return digest?.slice(0, 8) ?? 'none';
}

function endText(end: KeptEnd): string {
  return 'code' in end ? `${end.code}: ${end.detail}` : bodyText(end.output);
}

function bodyText(body: KeptBody): string {
  const whole = 'text' in body ? body.text : `base64 ${body.base64}`;
  const cut = body.cut === null ? '' : ` (the beginning of ${amount(body.cut, 'byte')})`;
  return `${whole.length > SHOWN ? `${whole.slice(0, SHOWN)}…` : whole}${cut}`;
}
