import { readFileSync } from 'node:fs';

const RESERVED_KIB = 10 * 1024 * 1024;

/** How many wasm memories this process has reserved addresses for, as the kernel of the system counts: 10 GiB each. */
export function reservedMemories(): number {
  const [, kibibytes] = /^VmSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Math.floor(Number(kibibytes) / RESERVED_KIB);
}
