import type { Failure } from '#src/domain/failure.js';

/** How a faulty call should end: answered with its own input, answered with other bytes, or failed like this. */
export type Outcome = 'own input' | 'other bytes' | Partial<Failure>;

/** One way in which a library goes wrong. */
export interface Fault {
  readonly title: string;
  readonly library: 'faulty' | 'faults' | 'pooled';
  readonly symbol: string;
  readonly outcomes: readonly Outcome[];
  /**
   * The calls behind it in the same process: `answered`, all of them; `begun-lost`: those that had begun before the
   * gateway could know fail with `crashed`; `mute`: the same, and it is a call that runs out of time by which the gateway
   * comes to know; `one-lost`: one call fails with `crashed`, whichever ran.
   */
  readonly behind: 'answered' | 'begun-lost' | 'mute' | 'one-lost';
  /** Whether the process ends of it, and a new one is started. */
  readonly ends: boolean;
  /** Milliseconds that the call may take; only for what never ends by itself. */
  readonly withinMs: number | null;
}

/** Long for a call that has begun, and short for a test. */
const DEADLINE_MS = 150;

const died = (title: string, library: Fault['library'], symbol: string, how: Partial<Failure>): Fault => ({
  title,
  library,
  symbol,
  outcomes: [{ code: 'crashed', ...how }],
  behind: 'answered',
  ends: true,
  withinMs: null,
});

const hung = (title: string, library: Fault['library'], symbol: string): Fault => ({
  title,
  library,
  symbol,
  outcomes: [{ code: 'timeout', begun: true }],
  behind: 'answered',
  ends: true,
  withinMs: DEADLINE_MS,
});

const survived = (title: string, library: Fault['library'], symbol: string, outcome: Outcome): Fault => ({
  title,
  library,
  symbol,
  outcomes: [outcome],
  behind: 'answered',
  ends: false,
  withinMs: null,
});

const signal = (name: string): Partial<Failure> => ({ signal: name });
const TRAP = process.arch === 'x64' ? 'SIGILL' : 'SIGTRAP';

export const FAULTS: readonly Fault[] = [
  died('segmentation fault', 'faulty', 'faulty_segfault', signal('SIGSEGV')),
  died('segmentation fault in a thread of its own', 'faults', 'fault_in_a_thread', signal('SIGSEGV')),
  {
    ...died('segmentation fault in a thread, later', 'faults', 'fault_later', signal('SIGSEGV')),
    outcomes: ['own input', { code: 'crashed', signal: 'SIGSEGV' }],
    behind: 'one-lost',
  },
  died('SIGSEGV ignored, then a fault', 'faults', 'ignore_and_fault', signal('SIGSEGV')),
  hung('SIGSEGV caught, and back to the fault', 'faults', 'handle_and_fault'),
  died('SIGSEGV caught, and exit(0)', 'faults', 'leave_at_fault', { exitCode: 0 }),
  died('stack overflow', 'faulty', 'faulty_overflow', signal('SIGSEGV')),
  died('abort', 'faulty', 'faulty_abort', signal('SIGABRT')),
  died('exit(0)', 'faulty', 'faulty_exit0', { exitCode: 0 }),
  died('exit(139)', 'faults', 'exit_139', { exitCode: 139 }),
  died('_exit(7)', 'faults', 'exit_at_once', { exitCode: 7 }),
  died('SIGKILL to itself', 'faults', 'kill_itself', signal('SIGKILL')),
  died('division by zero', 'faults', 'divide', signal('SIGFPE')),
  died('illegal instruction', 'faults', 'trap', signal(TRAP)),
  died('bus error', 'faults', 'bus_error', signal('SIGBUS')),
  died('jump into data', 'faults', 'run_data', signal('SIGSEGV')),
  died('double free', 'faults', 'double_free', signal('SIGABRT')),
  {
    // The allocator notices, or stumbles over it before.
    ...died('corrupt heap', 'faults', 'corrupt_heap', {}),
    outcomes: ['SIGABRT', 'SIGSEGV'].map((name) => ({ code: 'crashed' as const, signal: name })),
  },
  hung('endless loop', 'faulty', 'faulty_loop'),
  hung('endless loop, signals blocked', 'faults', 'block_signals_and_loop'),
  hung('endless printing', 'faults', 'print_for_ever'),
  survived('output at a wild pointer', 'faulty', 'faulty_dangling', { code: 'bad-output' }),
  survived('output of 1 TiB', 'faulty', 'faulty_wild', { code: 'output-too-large' }),
  survived('output longer than its memory', 'faults', 'lie_a_little', { code: 'bad-output' }),
  died('the same, a part of it sent', 'faults', 'lie_at_length', signal('SIGSEGV')),
  { ...died('output that was freed', 'pooled', 'dangle', {}), outcomes: ['other bytes'] },
  died('garbage for an answer', 'faults', 'garbage_and_wait', signal('SIGKILL')),
  { ...died('garbage before its answer', 'faults', 'garbage_and_go_on', {}), behind: 'begun-lost' },
  died('an answer of 2 GiB', 'faults', 'frame_of_2_gib', signal('SIGKILL')),
  hung('half an answer, then silence', 'faults', 'half_a_frame'),
  hung("half an answer's header, then silence", 'faults', 'half_a_header'),
  { ...died('two answers', 'faults', 'answer_twice', {}), outcomes: ['own input'], behind: 'begun-lost' },
  died('an answer to the call before', 'faults', 'answer_the_last_call', signal('SIGKILL')),
  died('an answer to a later call', 'faults', 'answer_a_later_call', signal('SIGKILL')),
  died('every descriptor closed', 'faults', 'close_all', {}),
  { ...died('the channel of calls closed', 'faults', 'close_calls', {}), outcomes: ['own input'] },
  { ...hung('the channel of answers led away', 'faults', 'lose_answers'), behind: 'mute' },
  survived('folder, environment and standard streams gone', 'faults', 'move_away', 'own input'),
];
