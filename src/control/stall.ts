/** Tells when things have come to a standstill. */
export interface Stall {
  /** Resolves once nothing has moved for the given time. */
  readonly reached: Promise<void>;
  /** Something has moved. */
  moved(): void;
  /** Nobody waits for it any more. */
  end(): void;
}

/** Milliseconds. Does not keep the process alive. */
export function watchForStall(afterMs: number): Stall {
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const timer = setTimeout(() => reach(), afterMs).unref();
  return { reached, moved: () => void timer.refresh(), end: () => clearTimeout(timer) };
}
