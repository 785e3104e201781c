import type { CompareRule, Comparison, Ended, ReplyError } from '../domain/comparison.js';
import { areEqual, compareBytes } from './compare-bytes.js';
import { compareJson } from './compare-json.js';
import { compareText } from './compare-text.js';
import { hasFailed } from './error-reply.js';
import { cut } from './excerpt.js';
import { only, SAME, type Differences } from './found.js';

/** A rule that needs nothing but the two outputs. */
export type PlainRule = Exclude<CompareRule, { readonly as: 'module' }>;

/** Compares how both sides of a call ended. */
export function judge(rule: PlainRule, error: ReplyError | null, legacy: Ended, wasm: Ended): Comparison {
  const failed = { legacy: hasFailed(error, legacy), wasm: hasFailed(error, wasm) };
  if (failed.legacy !== failed.wasm) return oneFailed(failed.legacy);
  return bothEnded(failed.legacy, differencesOf(rule, legacy, wasm));
}

export function oneFailed(legacy: boolean): Comparison {
  return { result: legacy ? 'legacy-failed' : 'wasm-failed', ...SAME };
}

/** Both sides failed, or both did not. */
export function bothEnded(failed: boolean, found: Differences): Comparison {
  if (found.differences.length === 0) return { result: failed ? 'both-failed' : 'match', ...SAME };
  return { result: 'mismatch', ...found };
}

function differencesOf(rule: PlainRule, legacy: Ended, wasm: Ended): Differences {
  if ('code' in legacy || 'code' in wasm) {
    if ('code' in legacy && 'code' in wasm && legacy.code === wasm.code) return SAME;
    return only({ pointer: '', kind: 'value', legacy: codeOf(legacy), wasm: codeOf(wasm) });
  }
  if (areEqual(legacy.output, wasm.output)) return SAME;
  switch (rule.as) {
    case 'bytes':
      return compareBytes(legacy.output, wasm.output);
    case 'text':
      return compareText(rule, legacy.output, wasm.output);
    case 'json':
      return compareJson(rule, legacy.output, wasm.output);
    default:
      return rule satisfies never;
  }
}

function codeOf(ended: Ended): string {
  if ('code' in ended) return ended.code;
  return cut(`an error reply: ${Buffer.from(ended.output.subarray(0, 120)).toString()}`);
}
