/** A clock that moves when the test says so, and strikes for whoever asked it to; and one beside it that nobody sets. */
export interface ScriptedClock {
  readonly now: () => number;
  readonly steady: () => number;
  readonly every: (ms: number, beat: () => void) => () => void;
  /** Lets so many milliseconds pass, then strikes once. */
  pass(ms: number): void;
  /** Lets so many milliseconds pass without striking. */
  slip(ms: number): void;
  /** Sets the time of day back by so many milliseconds. */
  setBack(ms: number): void;
  /** Nobody hears it any more. */
  silence(): void;
}

export function scriptedClock(): ScriptedClock {
  const beats = new Set<() => void>();
  let time = Date.parse('2026-11-22T10:00:00Z');
  let since = 0;
  const slip = (ms: number): void => {
    time += ms;
    since += ms;
  };
  return {
    now: () => time,
    steady: () => since,
    every(_ms, beat) {
      beats.add(beat);
      return () => beats.delete(beat);
    },
    pass(ms) {
      slip(ms);
      for (const beat of [...beats]) beat();
    },
    slip,
    setBack(ms) {
      time -= ms;
    },
    silence: () => beats.clear(),
  };
}
