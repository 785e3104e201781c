/** The module that every Extism plugin imports its host's functions from. */
export const HOST_MODULE = 'extism:host/env';

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

/** The module that plugins import functions from that are not of the Extism ABI. */
export const USER_MODULE = 'extism:host/user';

/** Those of our own: calls of other plugins by the gateway's routes. */
export const USER_FUNCTIONS = ['banyan_call', 'banyan_call_status'] as const;

export type UserFunction = (typeof USER_FUNCTIONS)[number];
