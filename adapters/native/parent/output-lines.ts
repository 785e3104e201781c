import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Report } from '../../../src/domain/backend.js';

/** Characters of a line that are kept. */
const LONGEST = 4096;
/** Lines that are told at once, and then per second. */
const BURST = 200;
const PER_SECOND = 50;

/** Tells everybody in a child what is printed there: whose library it was, nobody can say. */
export function reportOutput(
  { stdout, stderr }: { readonly stdout: Readable; readonly stderr: Readable },
  listeners: readonly { readonly report: Report }[],
  now: () => number,
): void {
  const report: Report = (event) => {
    for (const listener of listeners) listener.report(event);
  };
  reportLines(stdout, 'stdout', report, now);
  reportLines(stderr, 'stderr', report, now);
}

/**
 * Tells what a child prints, line by line. A library that prints without end costs reading and nothing else: its channel
 * is always drained, so that it never blocks, but what is too long or too much is left out, and that is said.
 */
function reportLines(source: Readable, stream: 'stdout' | 'stderr', report: Report, now: () => number): void {
  const decoder = new StringDecoder('utf8');
  let line = '';
  let cut = false;
  let allowance = BURST;
  let allowedAt = now();
  let dropped = 0;

  source.on('data', (chunk: Buffer) => {
    const pieces = decoder.write(chunk).split('\n');
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) tell();
      cut ||= line.length + piece.length > LONGEST;
      line = (line + piece).slice(0, LONGEST);
    }
  });
  source.on('end', () => {
    if (line !== '') tell();
    if (dropped > 0) tellDropped();
  });

  function tell(): void {
    const time = now();
    allowance = Math.min(BURST, allowance + ((time - allowedAt) / 1000) * PER_SECOND);
    allowedAt = time;
    if (allowance >= 1) {
      allowance -= 1;
      if (dropped > 0) tellDropped();
      report({ type: 'output', stream, line: cut ? `${line}… (cut)` : line });
    } else dropped += 1;
    line = '';
    cut = false;
  }

  function tellDropped(): void {
    report({ type: 'output', stream, line: `(${dropped} lines left out)` });
    dropped = 0;
  }
}
