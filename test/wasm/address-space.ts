import { readFileSync } from 'node:fs';

const RESERVED_KIB = 10 * 1024 * 1024;

/** How many wasm memories a process has reserved addresses for, as the kernel of the system counts: 10 GiB each. */
export function reservedMemories(pid: number | 'self' = 'self'): number {
  const [, kibibytes] = /^VmSize:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.floor(Number(kibibytes) / RESERVED_KIB);
}
