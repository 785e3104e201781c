import { constants } from 'node:os';
import {
  ARCHITECTURE,
  argument,
  CALL_NUMBER,
  ifAnyBit,
  ifAtLeast,
  ifEqual,
  type Instruction,
  load,
  unlessEqual,
  VERDICT,
  verdict,
} from './bpf.js';
import type { Machine, Syscall } from './syscall-numbers.js';

/** What a filter is made for. */
export interface Denial {
  readonly network: boolean;
  readonly spawn: boolean;
  /** Whether this process sees nobody else's processes, so that its signals reach only what it has started. */
  readonly enclosed: boolean;
  readonly pid: number;
}

const { EPERM, ENOSYS, EAFNOSUPPORT } = constants.errno;

const DENIED = verdict(VERDICT.error(EPERM));
const ALLOWED = verdict(VERDICT.allow);

const ALWAYS: readonly Syscall[] = [
  ...(['unshare', 'setns', 'ptrace', 'process_vm_readv', 'process_vm_writev', 'process_madvise'] as const),
  ...(['process_mrelease', 'kcmp', 'pidfd_getfd', 'migrate_pages', 'move_pages'] as const),
  ...(['io_uring_setup', 'io_uring_enter', 'io_uring_register', 'bpf', 'perf_event_open', 'userfaultfd'] as const),
  ...(['add_key', 'request_key', 'keyctl', 'fanotify_init', 'open_by_handle_at'] as const),
  ...(['mount', 'umount2', 'pivot_root', 'chroot', 'open_tree', 'move_mount', 'fsopen', 'fsconfig'] as const),
  ...(['fsmount', 'fspick', 'mount_setattr', 'quotactl', 'swapon', 'swapoff'] as const),
  ...(['kexec_load', 'kexec_file_load', 'init_module', 'finit_module', 'delete_module', 'reboot', 'acct'] as const),
  ...(['settimeofday', 'clock_settime', 'adjtimex', 'clock_adjtime', 'sethostname', 'setdomainname'] as const),
  ...(['iopl', 'ioperm', 'syslog', 'vhangup'] as const),
];

const CLONE_THREAD = 0x0001_0000;
/** New namespaces of any kind. */
const CLONE_NEW = 0x7e02_0000;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;

const PR_SET_PDEATHSIG = 1;
/** A signal of one's choice to a process of one's choice, by way of a descriptor: F_SETOWN, F_SETSIG, F_SETOWN_EX. */
const FCNTL_SIGNALS = [8, 10, 15];
/** The same, FIOSETOWN and SIOCSPGRP; and typing for whoever sits at the terminal, TIOCSTI and TIOCLINUX. */
const IOCTL_REACHING_OUT = [0x8901, 0x8902, 0x5412, 0x541c];

/** Calls whose first argument is the process that they are about; 0 is the caller. */
const ABOUT_A_PROCESS = [
  'prlimit64',
  'sched_setaffinity',
  'sched_setscheduler',
  'sched_setparam',
  'sched_setattr',
] as const satisfies readonly Syscall[];
/** Calls whose second argument is that, if the first says that it is a process and not a group or a user. */
const ABOUT_PROCESSES = [
  ['setpriority', 0],
  ['ioprio_set', 1],
] as const satisfies readonly (readonly [Syscall, number])[];

const SIGNALS_TO_ALL = ['tkill', 'pidfd_send_signal'] as const satisfies readonly Syscall[];
const SIGNALS = ['kill', 'tgkill', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo'] as const satisfies readonly Syscall[];

/** The filter as a program: what it does not name is allowed. Every block that it enters ends in a verdict. */
export function deniedCalls(machine: Machine, denial: Denial): readonly Instruction[] {
  const on = (name: Syscall, block: readonly Instruction[]): readonly Instruction[] => {
    const number = machine.number(name);
    return number === null ? [] : ifEqual(number, block);
  };
  const each = (names: readonly Syscall[], block: readonly Instruction[]): readonly Instruction[] =>
    names.flatMap((name) => on(name, block));

  return [
    load(ARCHITECTURE),
    ...unlessEqual(machine.audit, [verdict(VERDICT.kill)]),
    load(CALL_NUMBER),
    ...(machine.foreignFrom === null ? [] : ifAtLeast(machine.foreignFrom, [verdict(VERDICT.kill)])),
    // First, for kernels that run the filter on every call: newer ones know by themselves what it always allows.
    ...each(['read', 'write', 'writev'], [ALLOWED]),
    ...each(ALWAYS, [DENIED]),
    // Its arguments lie in memory, where no filter sees them; C libraries fall back to clone.
    ...on('clone3', [verdict(VERDICT.error(ENOSYS))]),
    ...on('clone', [
      load(argument(0)),
      ...ifAnyBit(CLONE_NEW, [DENIED]),
      ...(denial.spawn ? [ALLOWED] : [...ifAnyBit(CLONE_THREAD, [ALLOWED]), DENIED]),
    ]),
    ...(denial.spawn ? [] : each(['fork', 'vfork', 'execve', 'execveat'], [DENIED])),
    ...on('socket', denial.network ? oneOf(0, [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK], EAFNOSUPPORT) : [DENIED]),
    ...on('prctl', noneOf(0, [PR_SET_PDEATHSIG])),
    ...on('fcntl', noneOf(1, FCNTL_SIGNALS)),
    ...on('ioctl', noneOf(1, IOCTL_REACHING_OUT)),
    // Inside its own namespace it may start processes that have to be signalled, by ids that are not known yet.
    ...(denial.enclosed && denial.spawn ? [] : each(SIGNALS_TO_ALL, [DENIED])),
    ...(denial.enclosed && denial.spawn ? [] : each(SIGNALS, oneOf(0, [denial.pid], EPERM))),
    ...(denial.enclosed
      ? []
      : [
          ...each(ABOUT_A_PROCESS, oneOf(0, [0, denial.pid], EPERM)),
          ...ABOUT_PROCESSES.flatMap(([name, which]) =>
            on(name, [load(argument(0)), ...ifEqual(which, oneOf(1, [0, denial.pid], EPERM)), DENIED]),
          ),
        ]),
    ALLOWED,
  ];
}

function oneOf(index: number, values: readonly number[], errno: number): readonly Instruction[] {
  return [
    load(argument(index)),
    ...values.flatMap((value) => ifEqual(value, [ALLOWED])),
    verdict(VERDICT.error(errno)),
  ];
}

function noneOf(index: number, values: readonly number[]): readonly Instruction[] {
  return [load(argument(index)), ...values.flatMap((value) => ifEqual(value, [DENIED])), ALLOWED];
}
