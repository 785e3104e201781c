/** The rights of WASI that something here depends on. */
export const RIGHT = {
  fdRead: 1n << 1n,
  fdSeek: 1n << 2n,
  fdTell: 1n << 5n,
  fdWrite: 1n << 6n,
  fdAllocate: 1n << 8n,
  fdFilestatSetSize: 1n << 22n,
} as const;

const ALL = (1n << 30n) - 1n;

/**
 * What a directory is said to allow: all, also where writing is not granted. A C library asks for no more rights than it
 * is told of, and would open a file "for writing" without them, to fail only at the first write.
 */
export const DIRECTORY_RIGHTS = ALL;

/** What the empty input allows. */
export const INPUT_RIGHTS = ALL;

/** A character device that cannot seek is a terminal to a C library, which then writes line by line. */
export const OUTPUT_RIGHTS = ALL & ~(RIGHT.fdSeek | RIGHT.fdTell);

/** What an open file allows. */
export function fileRights({ reads, writes }: { readonly reads: boolean; readonly writes: boolean }): bigint {
  const denied =
    (reads ? 0n : RIGHT.fdRead) | (writes ? 0n : RIGHT.fdWrite | RIGHT.fdAllocate | RIGHT.fdFilestatSetSize);
  return ALL & ~denied;
}
