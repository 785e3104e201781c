/** Numbers of system calls: on x64, and on arm64, which never had the older ones. Newer ones are the same on both. */
const SYSCALLS = {
  // Processes
  fork: [57, null],
  vfork: [58, null],
  clone: [56, 220],
  clone3: [435, 435],
  execve: [59, 221],
  execveat: [322, 281],
  unshare: [272, 97],
  setns: [308, 268],
  // Others' processes
  kill: [62, 129],
  tkill: [200, 130],
  tgkill: [234, 131],
  rt_sigqueueinfo: [129, 138],
  rt_tgsigqueueinfo: [297, 240],
  pidfd_send_signal: [424, 424],
  pidfd_getfd: [438, 438],
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  process_mrelease: [448, 448],
  kcmp: [312, 272],
  prlimit64: [302, 261],
  setpriority: [141, 140],
  sched_setaffinity: [203, 122],
  sched_setscheduler: [144, 119],
  sched_setparam: [142, 118],
  sched_setattr: [314, 274],
  ioprio_set: [251, 30],
  migrate_pages: [256, 238],
  move_pages: [279, 239],
  prctl: [157, 167],
  fcntl: [72, 25],
  ioctl: [16, 29],
  // Network
  socket: [41, 198],
  // The kernel's own doors
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  fanotify_init: [300, 262],
  open_by_handle_at: [304, 265],
  // The machine
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  quotactl: [179, 60],
  swapon: [167, 224],
  swapoff: [168, 225],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  acct: [163, 89],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  iopl: [172, null],
  ioperm: [173, null],
  syslog: [103, 116],
  vhangup: [153, 58],
  // A call's way
  read: [0, 63],
  write: [1, 64],
  writev: [20, 66],
  // What installs the filter itself
  seccomp: [317, 277],
} as const satisfies Readonly<Record<string, readonly [x64: number, arm64: number | null]>>;

export type Syscall = keyof typeof SYSCALLS;

export interface Machine {
  /** As the kernel's audit names it. */
  readonly audit: number;
  /** Calls from this number on belong to another ABI of the same machine; null: there is none. */
  readonly foreignFrom: number | null;
  /** Null: it has no such call. */
  number(name: Syscall): number | null;
}

/** The machine that this process runs on; null for one whose numbers are not known. */
export function thisMachine(): Machine | null {
  switch (process.arch) {
    case 'x64':
      return { audit: 0xc000_003e, foreignFrom: 0x4000_0000, number: (name) => SYSCALLS[name][0] };
    case 'arm64':
      return { audit: 0xc000_00b7, foreignFrom: null, number: (name) => SYSCALLS[name][1] };
    default:
      return null;
  }
}
