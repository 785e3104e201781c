declare const pointer: unique symbol;

/** An address in this process. koffi takes any bigint for one; the brand keeps lengths and handles out. */
export type Pointer = bigint & { readonly [pointer]: true };

export const NULL = 0n as Pointer;

export function offset(base: Pointer, bytes: number): Pointer {
  return (base + BigInt(bytes)) as Pointer;
}
