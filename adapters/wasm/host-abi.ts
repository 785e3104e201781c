/** The module that every Extism plugin imports its host's functions from. */
export const HOST_MODULE = 'extism:host/env';

/** The name under which linked modules import from the plugin's own module. */
export const MAIN = 'main';

/** What toolchains ask to be called before anything else: the first of these exports that is there. */
export const STARTS = ['hs_init', '_initialize', '_start'] as const;

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

/** What the gateway itself serves: types of functions, by module and name. */
export const SERVED: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [HOST_MODULE, new Map(Object.entries({ ...KERNEL_FUNCTIONS, ...LANE_FUNCTIONS }))],
  [USER_MODULE, new Map(Object.entries(USER_FUNCTIONS))],
]);
