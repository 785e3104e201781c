/** Something that the interface names and this version does not do: refused, so that nobody believes it is in force. */
export interface Unsupported {
  /** The key's path, with `*` for any member. */
  readonly at: string;
  /** Which values of the key are meant; all of them without it. */
  readonly only?: (value: unknown) => boolean;
  /** What to know or do instead. */
  readonly instead?: string;
}

export const UNSUPPORTED_IN_CONFIGURATION: readonly Unsupported[] = [
  {
    at: 'admin.tokens',
    instead: 'it would protect nothing; without it the admin listener binds to loopback addresses alone',
  },
  { at: 'mounts' },
  { at: 'metrics' },
  { at: 'store.kind', only: (value) => value === 'etcd', instead: 'write `kind: file`' },
];

export const UNSUPPORTED_IN_MANIFEST: readonly Unsupported[] = [
  {
    at: 'backends.legacy.kind',
    only: (value) => typeof value === 'string' && value !== 'native',
    instead: 'write `kind: native`',
  },
];

/** What of a table a path (and the value found there) falls under. */
export function findUnsupported(
  table: readonly Unsupported[],
  path: readonly PropertyKey[],
  value: unknown,
): Unsupported | null {
  const matches = (entry: Unsupported): boolean => {
    const pattern = entry.at.split('.');
    return (
      pattern.length === path.length &&
      pattern.every((part, index) => part === '*' || part === String(path[index])) &&
      (entry.only?.(value) ?? true)
    );
  };
  return table.find(matches) ?? null;
}
