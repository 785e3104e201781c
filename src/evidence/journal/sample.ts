import { isUtf8 } from 'node:buffer';
import type { Compared } from '../../domain/compared.js';
import type { Ended } from '../../domain/comparison.js';
import type { Failure } from '../../domain/failure.js';
import type { KeptBody, KeptEnd, MismatchResult, MismatchSample } from '../../domain/mismatch.js';
import type { CorpusLine } from '../../schema/corpus.js';

/** Takes what stands at JSON pointers out of a body; answers the very same bytes where there is nothing of it. */
export type Redact = (body: Uint8Array, pointers: readonly string[]) => Uint8Array;

/** A larger body, of which something has to be taken out, is not kept: it would have to be gone through as a whole. */
const GONE_THROUGH = 256 * 1024;

const TOO_LARGE = Buffer.from('[redacted: too large to be looked into]');

/** What stands for a header that is to be taken out. */
const REDACTED = '[redacted]';

/** Characters of what is kept of a header, and of a failure. */
const LONGEST = 1_024;

interface HeldBody {
  readonly bytes: Uint8Array;
  /** How long it was. */
  readonly length: number;
}

type HeldEnd = HeldBody | { readonly code: string; readonly detail: string; readonly length: number };

/** What a sample is made of, until there is time to make it: no more bytes than could be kept. */
export interface Held {
  readonly compared: Compared;
  readonly result: MismatchResult;
  readonly input: HeldBody;
  readonly legacy: HeldEnd;
  readonly wasm: HeldEnd;
  readonly bytes: number;
}

export function hold(result: MismatchResult, compared: Compared, limit: number): Held {
  const hasPointers = compared.live.spec.redact.pointers.length > 0;
  const body = (bytes: Uint8Array): HeldBody => {
    const { length } = bytes;
    if (hasPointers) return { bytes: length > GONE_THROUGH ? TOO_LARGE : own(bytes), length };
    return { bytes: own(bytes.subarray(0, endOfPart(bytes, limit))), length };
  };
  const failure = ({ code, detail }: Failure): HeldEnd => ({
    code,
    detail: detail.slice(0, LONGEST),
    length: detail.length,
  });
  const end = (ended: Ended): HeldEnd => ('code' in ended ? failure(ended) : body(ended.output));
  const [input, legacy, wasm] = [body(compared.input), end(compared.legacy), end(compared.wasm)];
  const bytes = [input, legacy, wasm].reduce((sum, held) => sum + ('code' in held ? 0 : held.bytes.length), 0);
  // The bodies themselves are let go of.
  const rest = { ...compared, input: EMPTY, legacy: { output: EMPTY }, wasm: { output: EMPTY } };
  return { compared: rest, result, input, legacy, wasm, bytes };
}

/** These bytes, without a much larger buffer that they could be a part of. */
function own(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > 2 * bytes.length ? new Uint8Array(bytes) : bytes;
}

const EMPTY = new Uint8Array(0);

/** What stands in place of a whole body begins so. */
const GONE = '[redacted: ';

/** Makes the sample, without what is to be taken out of it. */
export function sampleOf(
  { compared, result, input, legacy, wasm }: Held,
  limit: number,
  redact: Redact,
): MismatchSample {
  const { live, comparison, primary, requestId, key, at } = compared;
  const { pointers, headers } = live.spec.redact;
  let redacted = false;
  const body = ({ bytes, length }: HeldBody): KeptBody => {
    const rest = bytes === TOO_LARGE ? bytes : redact(bytes, pointers);
    if (rest !== bytes || bytes === TOO_LARGE) redacted = true;
    const end = endOfPart(rest, limit);
    const cut = bytes.length < length || end < rest.length ? length : null;
    return { ...written(rest.subarray(0, end)), cut };
  };
  const end = (held: HeldEnd): KeptEnd => {
    if (!('code' in held)) return { output: body(held) };
    const { code, detail, length } = held;
    // A plugin's own words may quote whatever it was given, and no pointer leads into them.
    if (pointers.length + headers.length === 0) return { code, detail };
    redacted = true;
    return { code, detail: `[redacted: ${length} characters]` };
  };
  const { keyHeader } = live.spec;
  const shown = headers.includes(keyHeader) ? REDACTED : (key ?? '').slice(0, LONGEST);
  const bodies = { input: body(input), legacy: end(legacy), wasm: end(wasm) };
  return {
    at: new Date(at).toISOString(),
    requestId,
    result,
    primary,
    headers: key === null ? {} : { [keyHeader]: shown },
    ...bodies,
    differences: comparison.differences,
    omitted: comparison.omitted,
    redacted,
    digests: {
      legacy: live.legacy?.digest ?? null,
      wasm: live.wasm?.digest ?? null,
      rule: live.spec.compareDigest,
    },
  };
}

/** The sample as a line of a corpus; null where a body of it was cut, or its input was taken out as a whole: it cannot be run again. */
export function corpusLineOf(sample: MismatchSample): CorpusLine | null {
  const { input, legacy, wasm, at, requestId, differences, redacted } = sample;
  const isCut = (end: KeptEnd): boolean => 'output' in end && end.output.cut !== null;
  const isGone = redacted && 'text' in input && input.text.startsWith(GONE);
  if (isGone || input.cut !== null || isCut(legacy) || isCut(wasm)) return null;
  const end = (kept: KeptEnd): CorpusLine['legacy'] => ('output' in kept ? { output: whole(kept.output) } : kept);
  return {
    input: whole(input),
    legacy: end(legacy),
    wasm: end(wasm),
    at,
    requestId,
    differences: [...differences],
    ...(redacted ? { redacted } : {}),
  };
}

function whole(body: KeptBody): CorpusLine['input'] {
  return 'text' in body ? { text: body.text } : { base64: body.base64 };
}

function written(bytes: Uint8Array): { text: string } | { base64: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isUtf8(buffer)) return { base64: buffer.toString('base64') };
  const text = buffer.toString();
  // Control characters take six bytes each in JSON.
  // eslint-disable-next-line no-control-regex -- they are meant
  return /[\0-\x08\x0b\x0c\x0e-\x1f]/.test(text) ? { base64: buffer.toString('base64') } : { text };
}

/** Where a part of at most so many bytes ends: not within a UTF-8 character. */
function endOfPart(bytes: Uint8Array, limit: number): number {
  if (bytes.length <= limit) return bytes.length;
  let end = limit;
  while (end > limit - 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}
