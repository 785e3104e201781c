import type { KernelFault } from './kernel.js';

/** What went wrong in a call that trapped, for a person. `said` is what the lane or the kernel knows about it. */
export function describeTrap(error: unknown, said: string | null): string {
  if (said !== null) return said;
  if (error instanceof RangeError && /call stack/i.test(error.message)) return 'stack overflow';
  if (error instanceof WebAssembly.RuntimeError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : `threw ${String(error)}`;
}

/** A kernel fault in words; null when there was none. */
export function describeFault(fault: KernelFault, memoryLimit: number): string | null {
  const at = `offset 0x${fault.offset.toString(16)}`;
  switch (fault.kind) {
    case 'none':
      return null;
    case 'load':
      return `a load of ${bytes(fault.length)} at ${at} is outside every block`;
    case 'store':
      return `a store of ${bytes(fault.length)} at ${at} is outside every block`;
    case 'input':
      return `a load of ${bytes(fault.length)} at ${at} is outside the input`;
    case 'output':
      return `output_set with ${bytes(fault.length)} at ${at} is not inside a block`;
    case 'error':
      return `error_set with ${at}, which is no block`;
    case 'memory':
      return `out of memory: no room for a block of ${bytes(fault.length)} within the limit of ${bytes(memoryLimit)}`;
    default:
      return fault.kind satisfies never;
  }
}

function bytes(count: bigint | number): string {
  return BigInt(count) === 1n ? '1 byte' : `${String(count)} bytes`;
}
