import { figure } from '../domain/figure.js';

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
  // What comes before the first of them, such as reading files, says nothing of how fast they are.
  let first: { readonly at: number; readonly done: number } | null = null;
  let shownAt = Number.NEGATIVE_INFINITY;
  let isShown = false;
  return {
    show(done, total) {
      const now = performance.now();
      first ??= { at: now, done };
      if (now - shownAt < EVERY) return;
      shownAt = now;
      isShown = true;
      const rate = (done - first.done) / (now - first.at);
      const speed = [
        `${figure(Math.round(rate * 1_000))} a second`,
        `${figure(Math.ceil((total - done) / rate / 1_000))} s left`,
      ];
      const parts = [
        `${figure(done)} of ${figure(total)} ${what}`,
        `${Math.floor((done / total) * 100)} %`,
        ...(rate > 0 ? speed : []),
      ];
      stderr.write(`\r\u001b[K${parts.join(', ')}`);
    },
    end() {
      if (isShown) stderr.write('\r\u001b[K');
      isShown = false;
    },
  };
}
