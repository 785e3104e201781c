import { assemble, INSTRUCTION_SIZE } from './bpf.js';
import { type Denial, deniedCalls } from './denied-calls.js';
import { addressOf, errno, findInProcess } from '../libc.js';
import { thisMachine } from './syscall-numbers.js';

const SET_MODE_FILTER = 1;
/** For every thread of the process, not this one alone. */
const ALL_THREADS = 1;

/**
 * Denies system calls to this process, all its threads and whatever it starts, for good. Answers why it could not, or null.
 * Nobody may gain privileges by then (`PR_SET_NO_NEW_PRIVS`).
 */
export function filterCalls(denial: Denial): string | null {
  if (process.platform !== 'linux') return 'system calls can be filtered on Linux alone';
  const machine = thisMachine();
  const number = machine?.number('seccomp') ?? null;
  const syscall = findInProcess('syscall', 'long', ['long', 'unsigned long', 'unsigned long', 'void *']);
  if (machine === null || number === null || syscall === null)
    return `system calls cannot be filtered on ${process.arch}`;
  const program = assemble(deniedCalls(machine, denial));
  // struct sock_fprog: how many instructions, and where.
  const described = new BigUint64Array([BigInt(program.length / INSTRUCTION_SIZE), addressOf(program)]);
  const status = syscall(number, SET_MODE_FILTER, ALL_THREADS, described) as number;
  if (status === 0) return null;
  return status > 0
    ? `system calls are not filtered: thread ${status} has another filter`
    : `system calls are not filtered: error ${errno()} of the kernel`;
}
