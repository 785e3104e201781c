import type { Contestant } from './contestant.js';

const CALLS = 32;

/** A text of so many bytes, a quarter of them vowels. */
export function textOf(bytes: number): Uint8Array {
  return Buffer.alloc(bytes, 'hello there, you banyan ');
}

/** Asks concurrently with different texts of about this size; throws unless every answer is the right one. */
export async function check({ name, url, computes }: Contestant, bytes: number): Promise<void> {
  const asked = Array.from({ length: CALLS }, async (_, index) => {
    const text = Buffer.from(textOf(bytes)).fill('e', 0, index);
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: text,
    });
    const said = await answer.text();
    const right = computes ? `{"count":${vowelsIn(text)}}` : said;
    if (answer.status !== 200 || said !== right)
      throw new Error(`${name} answered ${answer.status} ${said}, not ${right}`);
  });
  await Promise.all(asked);
}

function vowelsIn(text: Buffer): number {
  return text.toString('latin1').match(/[aeiou]/gi)?.length ?? 0;
}
