import { BACKEND_NAMES } from '../domain/backend.js';
import type { Evidence, FunctionEvidence, Quantiles } from '../domain/evidence.js';
import { amount, figure } from '../domain/figure.js';
import { verdictText } from './verdict-text.js';

const PLACES_SHOWN = 10;

/** What is known of a function, as lines for a person. */
export function evidenceText({ plugin, function: functionName, current, older }: FunctionEvidence): readonly string[] {
  const earlier = older.length === 0 ? [] : [`earlier evidence: ${older.map(digestsText).join('; ')} (--json has it)`];
  return [`${plugin}/${functionName}: ${digestsText(current)}`, ...indented([...factsOf(current), ...earlier])];
}

function digestsText({ digests: { legacy, wasm, compare }, since }: Evidence): string {
  const short = (digest: string | null): string => digest?.slice(0, 8) ?? 'none';
  return `legacy ${short(legacy)}, wasm ${short(wasm)}, rule ${short(compare)}${since === null ? '' : `, since ${since}`}`;
}

function factsOf(evidence: Evidence): readonly string[] {
  if (evidence.since === null) return ['nothing has been seen yet'];
  return [
    ...BACKEND_NAMES.map((backend) => callsText(evidence, backend)),
    ...comparisonsText(evidence),
    ...droppedText(evidence),
    ...noiseText(evidence),
    ...evidence.gates.map((each) => `gate ${verdictText(each)}`),
  ];
}

function callsText({ calls, errors, latency }: Evidence, backend: 'legacy' | 'wasm'): string {
  const { primary, shadow, fallback } = calls[backend];
  const failed = Object.entries(errors[backend]).map(([code, times]) => `${figure(times)} ${code}`);
  const { execution, queue } = latency[backend];
  return [
    `${backend}: ${amount(primary, 'call')}, ${figure(shadow)} mirrored${fallback === 0 ? '' : `, ${figure(fallback)} in wasm's stead`}`,
    failed.length === 0 ? 'no errors' : failed.join(', '),
    `ran ${quantilesText(execution)}`,
    `waited ${quantilesText(queue)}`,
  ].join('; ');
}

function quantilesText(quantiles: Quantiles | null): string {
  if (quantiles === null) return 'never';
  const { p50, p99, p999 } = quantiles;
  return `p50 ${ms(p50)}, p99 ${ms(p99)}, p99.9 ${ms(p999)}`;
}

function comparisonsText({ comparisons, mismatches }: Evidence): readonly string[] {
  const all = Object.entries(comparisons).map(([result, times]) => `${figure(times)} ${result}`);
  const { held, noise, groups, omitted } = mismatches;
  const shown = groups.slice(0, PLACES_SHOWN);
  const more = groups.length - shown.length + omitted;
  return [
    `compared: ${all.join(', ')}`,
    ...(groups.length === 0
      ? []
      : [`mismatches held against wasm: ${figure(held)}${noise === 0 ? '' : `, noise: ${figure(noise)}`}`]),
    ...shown.map(
      (group) => `  ${placeText(group.place)} ${group.kind}: ${figure(group.count)}${group.noise ? ' (noise)' : ''}`,
    ),
    ...(more > 0 ? [`  and ${figure(more)} more`] : []),
  ];
}

function droppedText({ dropped }: Evidence): readonly string[] {
  const reasons = Object.entries(dropped);
  if (reasons.length === 0) return [];
  const all = reasons.reduce((sum, [, times]) => sum + times, 0);
  return [
    `not compared: ${figure(all)} sampled calls (${reasons.map(([reason, times]) => `${figure(times)} ${reason}`).join(', ')})`,
  ];
}

function noiseText({ noise: { runs, differing, ignore, unordered } }: Evidence): readonly string[] {
  if (runs === 0) return [];
  const proposals = [
    ...(ignore.length === 0 ? [] : [`ignore: [${ignore.map(quoted).join(', ')}]`]),
    ...(unordered.length === 0 ? [] : [`unordered: [${unordered.map(quoted).join(', ')}]`]),
  ];
  const proposed = proposals.length === 0 ? '' : `; write compare: { ${proposals.join(', ')} }`;
  return [
    `legacy twice: ${amount(runs, 'time')}, of which it differed from itself ${amount(differing, 'time')}${proposed}`,
  ];
}

/** As YAML takes it within brackets: a JSON string is one of its own. */
function quoted(pointer: string): string {
  return /^\/[\w/~*.-]*$/.test(pointer) ? pointer : JSON.stringify(pointer);
}

function placeText(place: string): string {
  return place === '' ? '(all of it)' : place;
}

function ms(value: number): string {
  return `${figure(value)} ms`;
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
