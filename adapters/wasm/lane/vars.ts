/** Bytes that the vars of one instance may take, as in the reference runtime. */
const VARS_LIMIT = 1024 * 1024;

/** What an entry costs beside its bytes. */
const ENTRY = 48;

export interface Vars {
  readonly limit: number;
  get(name: string): Uint8Array | undefined;
  /** Keeps a copy; answers false, and changes nothing, when it would be over the limit. */
  set(name: string, value: Uint8Array): boolean;
  delete(name: string): void;
}

/** The variables of one instance: they outlive a call, and end with the instance. */
export function makeVars(limit = VARS_LIMIT): Vars {
  const values = new Map<string, Uint8Array>();
  let used = 0;

  const costOf = (name: string, value: Uint8Array | undefined): number =>
    value === undefined ? 0 : ENTRY + 2 * name.length + value.length;

  return {
    limit,
    get: (name) => values.get(name),
    set(name, value) {
      const after = used - costOf(name, values.get(name)) + costOf(name, value);
      if (after > limit) return false;
      used = after;
      values.set(name, value.slice());
      return true;
    },
    delete(name) {
      used -= costOf(name, values.get(name));
      values.delete(name);
    },
  };
}
