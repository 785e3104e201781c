/** An argument or constant of a declared prototype: a number, `$body`, `$length`, or a JSON pointer (`/x`) into the input. */
export type PrototypeArgument = number | string;

export type NativeFunction =
  | { readonly convention: 'buffer'; readonly symbol: string }
  | { readonly convention: 'cstring'; readonly symbol: string }
  | {
      readonly convention: 'prototype';
      readonly symbol: string;
      /** One C function declaration. */
      readonly prototype: string;
      readonly args: readonly PrototypeArgument[];
      /** `json`: the C result as a JSON value; `text`: the returned C string, not freed. */
      readonly result: 'json' | 'text';
    };

/** How a library is called. JSON as it stands, but for the map: it goes to the process that binds the library. */
export interface NativeInterface {
  readonly functions: ReadonlyMap<string, NativeFunction>;
  /** The symbol that frees what the library returned; looked up in the library, then in the C library. */
  readonly free: string;
  /** Not null: the library must carry a descriptor of the stable ABI; `requires` is a range for its own version. */
  readonly abi: { readonly requires: string | null } | null;
}
