import type { Native } from './library/library.js';
import type { LastError } from './declared/life.js';
import type { Outgoing } from './channel/outgoing.js';
import { outputRunner } from './owned-output.js';
import type { Pointer } from './pointer.js';
import type { Runner } from './runner.js';

export const BUFFER_TYPE = { result: 'int32_t', parameters: ['void *', 'size_t', 'void *', 'void *'] } as const;

/** `int32_t f(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)`. */
export function bufferRunner(
  native: Native,
  free: (memory: Pointer) => void,
  limit: number,
  lastError: LastError,
  outgoing: Outgoing,
): Runner {
  const run = (body: Pointer, length: number): number =>
    native(body, length, outgoing.out, outgoing.outLength) as number;
  return outputRunner({ run, free, lastError }, limit, outgoing);
}
