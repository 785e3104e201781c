/** Milliseconds on a clock that nobody sets: how long something lasts is measured by it, and says nothing after a restart. */
export const steadyClock = (): number => performance.now();

/** Calls `beat` every so many milliseconds until the function that it answers is called. */
export type Every = (ms: number, beat: () => void) => () => void;

/** By a timer that keeps no process alive. */
export const everyInterval: Every = (ms, beat) => {
  const timer = setInterval(beat, ms);
  timer.unref();
  return () => clearInterval(timer);
};
