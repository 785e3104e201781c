/** The error numbers of WASI preview 1 that are answered here, by the names that Node.js gives the system's. */
export const ERRNO = {
  E2BIG: 1,
  EACCES: 2,
  EAGAIN: 6,
  EBADF: 8,
  EBUSY: 10,
  EDQUOT: 19,
  EEXIST: 20,
  EFAULT: 21,
  EFBIG: 22,
  EILSEQ: 25,
  EINTR: 27,
  EINVAL: 28,
  EIO: 29,
  EISDIR: 31,
  ELOOP: 32,
  EMFILE: 33,
  EMLINK: 34,
  ENAMETOOLONG: 37,
  ENFILE: 41,
  ENOENT: 44,
  ENOMEM: 48,
  ENOSPC: 51,
  ENOTDIR: 54,
  ENOTEMPTY: 55,
  ENOTSUP: 58,
  ENXIO: 60,
  EOVERFLOW: 61,
  EPERM: 63,
  EROFS: 69,
  ESPIPE: 70,
  ESTALE: 72,
  ETXTBSY: 74,
  EXDEV: 75,
  ENOTCAPABLE: 76,
} as const;

type ErrnoName = keyof typeof ERRNO;

/** Ends a WASI call with an error number. */
export class Errno extends Error {
  override readonly name = 'Errno';

  readonly code: ErrnoName;

  constructor(code: ErrnoName) {
    super(code);
    this.code = code;
  }
}

/**
 * A WASI function for a guest: what `run` throws as {@link Errno}, or what the system refused, is the number that it
 * answers, and everything else is success. Other errors, traps among them, pass.
 */
export function answering<Args extends readonly unknown[]>(run: (...args: Args) => void): (...args: Args) => number {
  return (...args) => {
    try {
      run(...args);
      return 0;
    } catch (error) {
      return numberOf(error);
    }
  };
}

function numberOf(error: unknown): number {
  if (error instanceof Errno) return ERRNO[error.code];
  const code = systemCodeOf(error);
  if (code === null) throw error;
  return code in ERRNO ? ERRNO[code as ErrnoName] : ERRNO.EIO;
}

/** The name of the system's error; null for an error that is not one. */
export function systemCodeOf(error: unknown): string | null {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
