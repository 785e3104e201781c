import { createReadStream } from 'node:fs';

export interface FileLine {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
}

/** A line with the largest input and outputs that a gateway takes by default, in base64, is a quarter of this. */
const LONGEST = 256 * 1024 * 1024;

/** The lines of a file that are not blank, without their ends; no more than one line is held. Rejects as reading does. */
export async function* linesIn(file: string, longest = LONGEST): AsyncGenerator<FileLine> {
  let number = 0;
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let at = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, at)) {
      const rest = chunk.subarray(at, end);
      const bytes = begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
      begun = [];
      length = 0;
      at = end + 1;
      number += 1;
      if (!isBlank(bytes)) yield { number, bytes };
    }
    if (at === chunk.length) continue;
    begun.push(chunk.subarray(at));
    length += chunk.length - at;
    if (length > longest) throw new Error(`${file}:${number + 1}: expected lines of at most ${longest} bytes`);
  }
  const bytes = Buffer.concat(begun);
  if (!isBlank(bytes)) yield { number: number + 1, bytes };
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9 || byte === 13);
}
