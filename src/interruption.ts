/** Ctrl-C and SIGTERM, for programs that have something to say of what they saw so far. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** From here on they end the process as ever. */
  end(): void;
}

/** The first one asks to end; who asks twice does not want to wait, and the kernel ends the children with their parent. */
export function listenForInterruption(): Interruption {
  const aborting = new AbortController();
  const interrupt = (): void => {
    if (aborting.signal.aborted) process.exit(130);
    aborting.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: aborting.signal,
    end() {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
