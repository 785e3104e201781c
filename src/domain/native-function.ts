/** Bytes that an output may take: so many times the length of the body, and so many more. */
export interface Capacity {
  readonly factor: number;
  readonly bytes: number;
}

/**
 * What a parameter of a declared prototype gets. A text is `$body`, `$text`, `$length`, `$capacity`, `$handle`,
 * `$config`, or a JSON pointer (`/x`) into the body.
 */
export type PrototypeArgument =
  | number
  | boolean
  | null
  | string
  /** A constant text. */
  | { readonly text: string }
  /** The number of elements of the list, or of bytes of the text, that another parameter gets by this pointer. */
  | { readonly length: string }
  /** `body`: bytes; `text`: up to a NUL. Into a buffer of that capacity, or, with `free`, into memory of the library's. */
  | { readonly out: 'body' | 'text'; readonly capacity: Capacity }
  | { readonly out: 'body' | 'text'; readonly free: string }
  /** The body, which is changed in place and is the reply. */
  | { readonly inout: 'body'; readonly capacity: Capacity }
  /** `length`: before the call the capacity, after it the output's length. Else a pointer into the JSON reply. */
  | { readonly out: string }
  /** A pointer into the JSON body, and into the JSON reply. */
  | { readonly inout: string };

/** When a result says that the function failed. */
export type ErrorRule = 'negative' | 'zero' | 'nonzero' | 'null' | 'errno';

export interface PrototypeResult {
  /** `length`: of the output; `handle`: of `init` alone; `none`: the result says nothing but success. */
  readonly as: 'json' | 'text' | 'bytes' | 'length' | 'handle' | 'none';
  /** Where in a JSON reply the result stands; null: it is the reply. */
  readonly at: string | null;
  /** What frees the returned pointer; null: nothing does. */
  readonly free: string | null;
  /** The only result that is no failure; null: success is not told by the result's value. */
  readonly status: number | null;
  readonly error: ErrorRule | null;
  /** Whether a failure is told by `errno`. */
  readonly errno: boolean;
}

/** A C function by its declaration, and what its parameters and its result stand for. */
export interface PrototypeCall {
  readonly symbol: string;
  /** One C function declaration. */
  readonly prototype: string;
  readonly args: readonly PrototypeArgument[];
  /** `json`: the C result as a JSON value; `text`: the returned C string, not freed. */
  readonly result: 'json' | 'text' | PrototypeResult;
}

export type NativeFunction =
  | { readonly convention: 'buffer'; readonly symbol: string }
  | { readonly convention: 'cstring'; readonly symbol: string }
  /** By the vtable of the stable ABI; `symbol` is the name in the plugin's own table of functions. */
  | { readonly convention: 'stable'; readonly symbol: string }
  | ({ readonly convention: 'prototype' } & PrototypeCall);

/** A C type of the library's own, in the words of C. */
export type NativeType =
  | { readonly name: string; readonly is: 'opaque' }
  | { readonly name: string; readonly is: 'alias'; readonly of: string }
  | {
      readonly name: string;
      readonly is: 'struct';
      readonly fields: readonly { readonly name: string; readonly type: string }[];
    };

/** How a library is called. JSON as it stands, but for the map: it goes to the process that binds the library. */
export interface NativeInterface {
  readonly functions: ReadonlyMap<string, NativeFunction>;
  /** What the prototypes name besides C's own types. */
  readonly types: readonly NativeType[];
  /** Called once the library is loaded; makes the `$handle`, if there is one. */
  readonly init: PrototypeCall | null;
  /** Called when no call follows. */
  readonly shutdown: PrototypeCall | null;
  /** What the library says about its last failure. */
  readonly lastError: PrototypeCall | null;
  /** The symbol that frees what the library returned; looked up in the library, then in the C library. */
  readonly free: string;
  /** Not null: the library must carry a descriptor of the stable ABI; `requires` is a range for its own version, in comparators. */
  readonly abi: { readonly requires: string | null } | null;
}
