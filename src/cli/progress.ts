/** Milliseconds between two looks of the line. */
const EVERY = 200;

/** How far something is, in one line on stderr that changes: for a terminal alone. */
export interface Progress {
  readonly show: (done: number, total: number) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

export function showProgress(what: string): Progress {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => undefined, end: () => undefined };
  const from = performance.now();
  let shownAt = from;
  return {
    show(done, total) {
      const now = performance.now();
      if (now - shownAt < EVERY) return;
      shownAt = now;
      const rate = done / (now - from);
      const left = rate > 0 ? Math.ceil((total - done) / rate / 1_000) : null;
      const parts = [
        `${done.toLocaleString('en-GB')} of ${total.toLocaleString('en-GB')} ${what}`,
        `${Math.floor((done / total) * 100)} %`,
        `${Math.round(rate * 1_000).toLocaleString('en-GB')} a second`,
        ...(left === null ? [] : [`${left} s left`]),
      ];
      stderr.write(`\r\u001b[K${parts.join(', ')}`);
    },
    end: () => void stderr.write('\r\u001b[K'),
  };
}
