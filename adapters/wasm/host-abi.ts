/** The module that every Extism plugin imports its host's functions from. */
export const HOST_MODULE = 'extism:host/env';

/** The name under which linked modules import from the plugin's own module. */
export const MAIN = 'main';

/** The export that the whole run of a command is. */
export const COMMAND = '_start';

/** What toolchains ask to be called before anything else; which of them are is in `lane/start-guest.ts`. */
export const STARTS = ['hs_init', '_initialize', COMMAND, '__wasm_call_ctors'] as const;

/** The functions of `extism:host/env` that the kernel serves, wasm to wasm, with their types. */
export const KERNEL_FUNCTIONS = {
  alloc: '(i64) -> i64',
  free: '(i64)',
  length: '(i64) -> i64',
  length_unsafe: '(i64) -> i64',
  load_u8: '(i64) -> i32',
  load_u64: '(i64) -> i64',
  store_u8: '(i64, i32)',
  store_u64: '(i64, i64)',
  input_offset: '() -> i64',
  input_length: '() -> i64',
  input_load_u8: '(i64) -> i32',
  input_load_u64: '(i64) -> i64',
  output_set: '(i64, i64)',
  error_set: '(i64)',
  error_get: '() -> i64',
} as const;

export type KernelFunction = keyof typeof KERNEL_FUNCTIONS;

/** Those that the lane serves. */
export const LANE_FUNCTIONS = {
  config_get: '(i64) -> i64',
  var_get: '(i64) -> i64',
  var_set: '(i64, i64)',
  http_request: '(i64, i64) -> i64',
  http_status_code: '() -> i32',
  http_headers: '() -> i64',
  log_trace: '(i64)',
  log_debug: '(i64)',
  log_info: '(i64)',
  log_warn: '(i64)',
  log_error: '(i64)',
  get_log_level: '() -> i32',
} as const;

export type LaneFunction = keyof typeof LANE_FUNCTIONS;

/** The module that plugins import functions from that are not of the Extism ABI. */
export const USER_MODULE = 'extism:host/user';

/** Those of our own: calls of other plugins by the gateway's routes. */
export const USER_FUNCTIONS = {
  banyan_call: '(i64, i64) -> i64',
  banyan_call_status: '() -> i32',
} as const;

export type UserFunction = keyof typeof USER_FUNCTIONS;

/** The module of WASI preview 1. */
export const WASI_MODULE = 'wasi_snapshot_preview1';

/** All of its functions; the lane serves every one. */
export const WASI_FUNCTIONS = {
  args_get: '(i32, i32) -> i32',
  args_sizes_get: '(i32, i32) -> i32',
  environ_get: '(i32, i32) -> i32',
  environ_sizes_get: '(i32, i32) -> i32',
  clock_res_get: '(i32, i32) -> i32',
  clock_time_get: '(i32, i64, i32) -> i32',
  fd_advise: '(i32, i64, i64, i32) -> i32',
  fd_allocate: '(i32, i64, i64) -> i32',
  fd_close: '(i32) -> i32',
  fd_datasync: '(i32) -> i32',
  fd_fdstat_get: '(i32, i32) -> i32',
  fd_fdstat_set_flags: '(i32, i32) -> i32',
  fd_fdstat_set_rights: '(i32, i64, i64) -> i32',
  fd_filestat_get: '(i32, i32) -> i32',
  fd_filestat_set_size: '(i32, i64) -> i32',
  fd_filestat_set_times: '(i32, i64, i64, i32) -> i32',
  fd_pread: '(i32, i32, i32, i64, i32) -> i32',
  fd_prestat_get: '(i32, i32) -> i32',
  fd_prestat_dir_name: '(i32, i32, i32) -> i32',
  fd_pwrite: '(i32, i32, i32, i64, i32) -> i32',
  fd_read: '(i32, i32, i32, i32) -> i32',
  fd_readdir: '(i32, i32, i32, i64, i32) -> i32',
  fd_renumber: '(i32, i32) -> i32',
  fd_seek: '(i32, i64, i32, i32) -> i32',
  fd_sync: '(i32) -> i32',
  fd_tell: '(i32, i32) -> i32',
  fd_write: '(i32, i32, i32, i32) -> i32',
  path_create_directory: '(i32, i32, i32) -> i32',
  path_filestat_get: '(i32, i32, i32, i32, i32) -> i32',
  path_filestat_set_times: '(i32, i32, i32, i32, i64, i64, i32) -> i32',
  path_link: '(i32, i32, i32, i32, i32, i32, i32) -> i32',
  path_open: '(i32, i32, i32, i32, i32, i64, i64, i32, i32) -> i32',
  path_readlink: '(i32, i32, i32, i32, i32, i32) -> i32',
  path_remove_directory: '(i32, i32, i32) -> i32',
  path_rename: '(i32, i32, i32, i32, i32, i32) -> i32',
  path_symlink: '(i32, i32, i32, i32, i32) -> i32',
  path_unlink_file: '(i32, i32, i32) -> i32',
  poll_oneoff: '(i32, i32, i32, i32) -> i32',
  proc_exit: '(i32)',
  proc_raise: '(i32) -> i32',
  random_get: '(i32, i32) -> i32',
  sched_yield: '() -> i32',
  sock_accept: '(i32, i32, i32) -> i32',
  sock_recv: '(i32, i32, i32, i32, i32, i32) -> i32',
  sock_send: '(i32, i32, i32, i32, i32) -> i32',
  sock_shutdown: '(i32, i32) -> i32',
} as const;

export type WasiFunction = keyof typeof WASI_FUNCTIONS;

/** What the gateway itself serves: types of functions, by module and name. */
export const SERVED: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map<string, ReadonlyMap<string, string>>([
  [HOST_MODULE, new Map(Object.entries({ ...KERNEL_FUNCTIONS, ...LANE_FUNCTIONS }))],
  [USER_MODULE, new Map(Object.entries(USER_FUNCTIONS))],
  [WASI_MODULE, new Map(Object.entries(WASI_FUNCTIONS))],
]);
