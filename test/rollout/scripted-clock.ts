/** A clock that moves when the test says so, and strikes for whoever asked it to. */
export interface ScriptedClock {
  readonly now: () => number;
  readonly every: (ms: number, beat: () => void) => () => void;
  /** Lets so many milliseconds pass, then strikes once. */
  pass(ms: number): void;
  /** Lets so many milliseconds pass without striking. */
  slip(ms: number): void;
  /** Nobody hears it any more. */
  silence(): void;
}

export function scriptedClock(): ScriptedClock {
  const beats = new Set<() => void>();
  let time = Date.parse('2026-11-22T10:00:00Z');
  return {
    now: () => time,
    every(_ms, beat) {
      beats.add(beat);
      return () => beats.delete(beat);
    },
    pass(ms) {
      time += ms;
      for (const beat of [...beats]) beat();
    },
    slip(ms) {
      time += ms;
    },
    silence: () => beats.clear(),
  };
}
