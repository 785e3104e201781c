/** The module that every Extism plugin imports its host's functions from. */
export const HOST_MODULE = 'extism:host/env';

/** The name under which linked modules import from the plugin's own module. */
export const MAIN = 'main';

/** The functions of `extism:host/env` that the kernel serves, wasm to wasm. */
export const KERNEL_FUNCTIONS = [
  'alloc',
  'free',
  'length',
  'length_unsafe',
  'load_u8',
  'load_u64',
  'store_u8',
  'store_u64',
  'input_offset',
  'input_length',
  'input_load_u8',
  'input_load_u64',
  'output_set',
  'error_set',
  'error_get',
] as const;

export type KernelFunction = (typeof KERNEL_FUNCTIONS)[number];

/** Those that the lane serves. */
export const LANE_FUNCTIONS = [
  'config_get',
  'var_get',
  'var_set',
  'http_request',
  'http_status_code',
  'http_headers',
  'log_trace',
  'log_debug',
  'log_info',
  'log_warn',
  'log_error',
  'get_log_level',
] as const;

export type LaneFunction = (typeof LANE_FUNCTIONS)[number];
