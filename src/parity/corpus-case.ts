import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import type { Ended } from '../domain/comparison.js';
import { type body, corpusLine, type CorpusLine } from '../schema/corpus.js';
import type { FileLine } from './file-lines.js';

/** A line of a corpus, read. */
export interface CorpusCase {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The plugin's function that it is for; null where the line does not say. */
  readonly function: string | null;
  readonly input: Uint8Array;
  /** How legacy ended when it was recorded. */
  readonly recorded: Recorded | null;
  readonly redacted: boolean;
}

export type Recorded = { readonly output: Uint8Array } | { readonly code: string; readonly detail: string };

/** What is wrong with a line, and where in it. */
export interface BadLine {
  /** From 1. */
  readonly column: number;
  /** The member; empty for the whole line. */
  readonly path: string;
  readonly message: string;
}

const EXPECTED: Readonly<Record<string, string>> = {
  input: 'expected {"text": "…"} or {"base64": "…"}',
  legacy: 'expected {"output": {"text": "…"}} or {"code": "…", "detail": "…"}',
  wasm: 'expected {"output": {"text": "…"}} or {"code": "…", "detail": "…"}',
  at: 'expected a time such as "2026-11-22T10:00:00Z"',
  redacted: 'expected true or false',
  differences: 'expected a list of differences as Banyan writes them',
};

export function readCase(file: string, { number, bytes }: FileLine): CorpusCase | BadLine {
  if (!isUtf8(bytes)) return { column: 1, path: '', message: 'expected text in UTF-8, found other bytes' };
  const written = parse(bytes.toString('utf8'));
  if ('mistake' in written) return written.mistake;
  const { success, data, error } = corpusLine.safeParse(written.value);
  if (!success) return explain(error);
  const half = HALVES.find((member) => hasHalf(data, member));
  if (half !== undefined)
    return {
      column: 1,
      path: half,
      message: 'expected whole characters, found half of a surrogate pair: say "base64"',
    };
  return {
    file,
    line: number,
    function: data.function ?? null,
    input: bytesOf(data.input),
    recorded: data.legacy === undefined ? null : recordedOf(data.legacy),
    redacted: data.redacted ?? false,
  };
}

function parse(text: string): { readonly value: unknown } | { readonly mistake: BadLine } {
  try {
    return { value: JSON.parse(text.replace(/^\ufeff/, '')) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = / at position (\d+)/.exec(message)?.[1];
    return {
      mistake: {
        column: at === undefined ? 1 : Number(at) + 1,
        path: '',
        message: `expected a JSON object such as {"input": {"text": "…"}}: ${message}`,
      },
    };
  }
}

function explain({ issues: [issue] }: z.ZodError): BadLine {
  const member = issue?.path[0];
  const isMember = typeof member === 'string';
  return {
    column: 1,
    path: isMember ? member : '',
    message: isMember
      ? (EXPECTED[member] ?? 'expected text')
      : 'expected a JSON object such as {"input": {"text": "…"}}',
  };
}

/** Of these the bytes count. */
const HALVES = ['input', 'legacy'] as const;

/** Whether a text has no bytes in UTF-8: others would be made of it silently. */
function hasHalf(line: CorpusLine, member: (typeof HALVES)[number]): boolean {
  const written = line[member];
  const text = written !== undefined && 'output' in written ? written.output : written;
  return text !== undefined && 'text' in text && /\p{Surrogate}/u.test(text.text);
}

type Body = z.infer<typeof body>;

function bytesOf(written: Body): Buffer {
  return 'text' in written ? Buffer.from(written.text, 'utf8') : Buffer.from(written.base64, 'base64');
}

/** As text where that gives the same bytes again. */
export function bodyOf(bytes: Uint8Array): Body {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(view) ? { text: view.toString('utf8') } : { base64: view.toString('base64') };
}

function recordedOf(written: NonNullable<CorpusLine['legacy']>): Recorded {
  return 'output' in written ? { output: bytesOf(written.output) } : written;
}

/** How a side ended, as a corpus keeps it. */
export function endedOf(ended: Ended): NonNullable<CorpusLine['legacy']> {
  return 'code' in ended ? { code: ended.code, detail: ended.detail } : { output: bodyOf(ended.output) };
}
