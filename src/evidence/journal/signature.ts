import type { Compared } from '../../domain/compared.js';
import { placeOf } from '../../domain/comparison.js';
import type { Ended } from '../../domain/comparison.js';
import type { MismatchResult } from '../../domain/mismatch.js';

/** Differences that a signature is made of: the first ones say enough. */
const SIGNED = 8;

/** Characters of a signature: what is longer, by hostile keys, is cut, and then the same as others that begin like it. */
const LONGEST = 1_024;

/** In which way a call did not match: the same for calls that differ in the same places in the same kinds of ways. */
export function signatureOf(result: MismatchResult, { comparison, legacy, wasm }: Compared): string {
  switch (result) {
    case 'legacy-failed':
      return `${result} ${codeOf(legacy)}`;
    case 'wasm-failed':
      return `${result} ${codeOf(wasm)}`;
    case 'mismatch': {
      const places = comparison.differences.slice(0, SIGNED).map(({ kind, pointer }) => `${kind} ${placeOf(pointer)}`);
      return [...new Set(places)].sort().join(', ').slice(0, LONGEST);
    }
    default:
      return result satisfies never;
  }
}

function codeOf(ended: Ended): string {
  return 'code' in ended ? ended.code : 'by its reply';
}
