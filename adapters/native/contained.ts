import { closeSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ContainedProcess, ContainedProcesses, ContainedStart } from '../../src/domain/contained.js';
import { withMissing } from './parent/launch/containment.js';
import { containmentProblem, launch } from './parent/launch/spawn.js';
import { closeChannels, type Spawned } from './parent/launch/spawned.js';
import { reportOutput } from './parent/output-lines.js';
import { type NativeOptions, type NativeSettings, settingsOf } from './parent/settings.js';
import { openUnlinked } from './parent/unlinked-file.js';

const MAIN = fileURLToPath(new URL('./child/contained.js', import.meta.url));

/** Lends to other adapters what holds native code back. */
export function containedProcesses(options: NativeOptions = {}): ContainedProcesses {
  const settings = settingsOf(options);
  return {
    problem: (terms, at) => containmentProblem(terms, settings, at),
    start: (start) => startContained(start, settings),
  };
}

function startContained(
  { program, terms, noteBytes, report, ears }: ContainedStart,
  settings: NativeSettings,
): ContainedProcess {
  const note = openUnlinked(new Uint8Array(noteBytes));
  let spawned: Spawned;
  try {
    const inside = { main: MAIN, args: [program.module], files: program.files };
    spawned = launch({ ...terms, folders: [] }, note, settings, inside);
  } catch (error) {
    closeSync(note);
    throw error;
  }
  const { calls, answers } = spawned;
  reportOutput(spawned, [{ report }], settings.now);
  answers.on('data', (chunk: Buffer) => ears.bytes(chunk));
  spawned.onPid(() => setImmediate(() => ears.started()));
  spawned.onGone((exit, error) => {
    ears.gone(exit, error);
    closeSync(note);
    closeChannels(spawned);
  });

  return {
    get pid() {
      return spawned.pid;
    },
    containment: (missing) => withMissing(spawned.containment, missing),
    send(parts) {
      calls.cork();
      for (const part of parts) calls.write(part);
      calls.uncork();
    },
    readNote() {
      const bytes = new Uint8Array(noteBytes);
      readSync(note, bytes, 0, noteBytes, 0);
      return bytes;
    },
    kill: () => spawned.kill(),
  };
}
