import type { LaneFunction, UserFunction } from '../host-abi.js';
import { guestHttp } from './http.js';
import type { Kernel } from './kernel.js';
import { type Ask, nestedCalls } from './nested-calls.js';
import { makeVars } from './vars.js';

/** `trace` is 0, as in the SDKs. What is less than `info` is not logged, and guests are told so. */
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
const LEAST_LOGGED = 2;

export interface HostFunctions {
  readonly imports: Readonly<Record<LaneFunction, WebAssembly.ExportValue>>;
  /** Those of `extism:host/user`. */
  readonly userImports: Readonly<Record<UserFunction, WebAssembly.ExportValue>>;
  /** Why one of these ended the call; null when none did. */
  reason(): string | null;
  /** A call begins: forgets what is of the one before alone. */
  begin(): void;
}

/**
 * What the lane serves to one instance: all that is not about memory. Handles are blocks of its kernel, and those passed to
 * `extism:host/env` belong to the host from then on, as in the reference: a guest that logs a million lines frees none of them.
 */
export function hostFunctions(
  kernel: Kernel,
  config: ReadonlyMap<string, string>,
  log: (line: string) => void,
  ask: Ask,
): HostFunctions {
  const vars = makeVars();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let reason: string | null = null;

  const end = (why: string): never => {
    reason = why;
    return kernel.abort();
  };
  const bytesOf = (handle: bigint, what: string): Uint8Array =>
    kernel.read(handle) ?? end(`${what} with offset 0x${BigInt.asUintN(64, handle).toString(16)}, which is no block`);
  const textOf = (handle: bigint, what: string): string => {
    const bytes = bytesOf(handle, what);
    return bytes.length > MOST_NAME
      ? end(`${what} with a name of ${bytes.length} bytes, over the limit of ${MOST_NAME}`)
      : decoder.decode(bytes);
  };
  const logAt = (level: number) => (text: bigint) => {
    const bytes = bytesOf(text, `log_${LOG_LEVELS[level] ?? ''}`);
    if (level >= LEAST_LOGGED) log(`${LOG_LEVELS[level] ?? ''}: ${decoder.decode(bytes.subarray(0, MOST_LINE))}`);
    kernel.consume(text);
  };
  /** The new block comes first: a guest that frees its key nevertheless must not hit the value in the key's place. */
  const answer = (key: bigint, value: Uint8Array | undefined): bigint => {
    const handle = value === undefined ? 0n : kernel.write(value);
    kernel.consume(key);
    return handle;
  };

  const http = guestHttp({
    ask,
    read: bytesOf,
    write: (bytes) => kernel.write(bytes),
    consume: (handle) => kernel.consume(handle),
    end,
  });

  return {
    reason: () => reason,
    userImports: nestedCalls({ kernel, ask, end, bytesOf, textOf }),
    begin: () => http.forget(),
    imports: {
      config_get(key: bigint): bigint {
        const value = config.get(textOf(key, 'config_get'));
        return answer(key, value === undefined ? undefined : encoder.encode(value));
      },
      var_get(key: bigint): bigint {
        return answer(key, vars.get(textOf(key, 'var_get')));
      },
      var_set(key: bigint, value: bigint): void {
        const name = textOf(key, 'var_set');
        if (value === 0n) vars.delete(name);
        else if (!vars.set(name, bytesOf(value, 'var_set')))
          end(`its vars are over their limit of ${vars.limit} bytes`);
        kernel.consume(value);
        kernel.consume(key);
      },
      http_request: (request: bigint, body: bigint) => http.request(request, body),
      http_status_code: () => http.statusCode(),
      http_headers: () => http.headers(),
      log_trace: logAt(0),
      log_debug: logAt(1),
      log_info: logAt(2),
      log_warn: logAt(3),
      log_error: logAt(4),
      get_log_level: () => LEAST_LOGGED,
    },
  };
}

/**
 * Bytes of a name: of what is looked up, or called. A text lies in the JavaScript heap, and one that is larger than all that is
 * left of it ends not the lane but the whole process.
 */
const MOST_NAME = 65_536;

/** Bytes of one logged text that are kept. */
const MOST_LINE = 4096;
