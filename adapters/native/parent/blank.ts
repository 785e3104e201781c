import { randomInt } from 'node:crypto';
import type { Exit } from '../../../src/domain/exit.js';
import { following } from '../protocol/frames.js';
import { Note } from './note.js';
import type { Profile } from './launch/profile.js';
import type { NativeSettings } from './settings.js';
import { launch } from './launch/spawn.js';
import { closeChannels, type Spawned } from './launch/spawned.js';

/** A started process that waits for its opening. */
export interface Blank {
  readonly process: Spawned;
  readonly note: Note;
  /** The sequence number of its opening; that of the first call follows. */
  readonly opening: number;
  /** Sets who is told, once, when it ends; null: whoever takes it has set its own ear by `onGone`. */
  keepFor(onGone: (() => void) | null): Blank;
  /** Called once, when the process is gone; it may be gone already. */
  onGone(listener: (exit: Exit, error: Error | null) => void): void;
  /** Ends it; nobody will use it. */
  discard(): void;
}

/** Starts a process of this profile. Throws where not even channels can be had. */
export function startBlank(profile: Profile, settings: NativeSettings): Blank {
  // Not from 0: whatever zeroes the note cannot make it say that nothing has begun.
  const opening = randomInt(2 ** 32);
  const note = new Note(following(opening));
  const process = launchOn(note, profile, settings);
  let gone: { readonly exit: Exit; readonly error: Error | null } | null = null;
  let ear: ((exit: Exit, error: Error | null) => void) | null = null;
  let keeper: (() => void) | null = null;
  process.onGone((exit, error) => {
    gone = { exit, error };
    ear?.(exit, error);
    keeper?.();
  });
  const blank: Blank = {
    process,
    note,
    opening,
    keepFor(onGone) {
      keeper = onGone;
      return blank;
    },
    onGone(listener) {
      if (gone === null) ear = listener;
      else setImmediate(listener, gone.exit, gone.error);
    },
    discard() {
      process.kill();
      note.close();
      closeChannels(process);
    },
  };
  return blank;
}

/** The note is closed when there will be no process for it. */
function launchOn(note: Note, profile: Profile, settings: NativeSettings): Spawned {
  try {
    return launch(profile, note.fd, settings);
  } catch (error) {
    note.close();
    throw error;
  }
}
