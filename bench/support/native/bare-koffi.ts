// First: it says how large koffi's stack is, which cannot be changed once a library is loaded.
import { addressOf, findInProcess } from '../../../adapters/native/child/libc.js';
import koffi from 'koffi';

type Buffered = (input: Uint8Array) => Uint8Array;

/** A function of the `buffer` convention as koffi's documentation has it: output parameters by its types, the result through a view. */
export function documented(library: string, symbol: string): Buffered {
  const native = koffi
    .load(library)
    .func(`int32_t ${symbol}(const uint8_t *in, size_t in_len, _Out_ void **out, _Out_ size_t *out_len)`);
  const free = findInProcess('free', 'void', ['void *']);
  return (input) => {
    const out: [bigint | null] = [null];
    const length: [number] = [0];
    native(input, input.length, out, length);
    const output = Buffer.from(koffi.view(out[0], length[0]).slice(0));
    free?.(out[0]);
    return output;
  };
}

/** The same with the least that can be done: raw addresses, and the output copied by C. */
export function barest(library: string, symbol: string): Buffered {
  const native = koffi.load(library).func(symbol, 'int32_t', ['void *', 'size_t', 'void *', 'void *']);
  const free = findInProcess('free', 'void', ['void *']);
  const copy = findInProcess('memcpy', 'void', ['void *', 'void *', 'size_t']);
  const out = new BigUint64Array(2);
  const length = new Uint32Array(out.buffer, 8);
  const at = addressOf(out);
  return (input) => {
    native(input, input.length, at, at + 8n);
    const output = Buffer.allocUnsafe(length[0] ?? 0);
    copy?.(output, out[0], output.length);
    free?.(out[0]);
    return output;
  };
}
