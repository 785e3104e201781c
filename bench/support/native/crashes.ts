import { setTimeout as pause } from 'node:timers/promises';
import type { NativeSpec } from '../../../src/domain/native.js';
import { callOf, faulty, opener } from './backends.js';

/** Long enough for a spare to be warm again. */
const BETWEEN_MS = 500;

export interface Crash {
  /** Milliseconds from the crash's own failure to the reply of a call that was made right then. */
  readonly fromFailure: number;
  /** Milliseconds from when the crashing call was made to that same reply. */
  readonly fromCrash: number;
  /** Milliseconds of a call that was made right behind the crashing one. */
  readonly duringCrash: number;
}

/** Crashes a backend's child over and over, and times the calls that come then. Throws when one of them fails. */
export async function measureCrashes(count: number, containment: NativeSpec['containment']): Promise<readonly Crash[]> {
  const { backend } = await opener()(faulty({ containment }));
  const message = Buffer.alloc(64, 'a');
  const echo = () => backend.call(callOf('echo', message));
  const crashes: Crash[] = [];
  for (let made = 0; made < count; made++) {
    await pause(BETWEEN_MS);
    await echo();
    const crashedAt = performance.now();
    const crash = backend.call(callOf('segfault', message));
    const during = echo().then(() => performance.now() - crashedAt);
    const failedAt = await crash.then(
      () => Promise.reject(new Error('a segmentation fault was answered')),
      () => performance.now(),
    );
    await echo();
    const repliedAt = performance.now();
    crashes.push({
      fromFailure: repliedAt - failedAt,
      fromCrash: repliedAt - crashedAt,
      duringCrash: await during,
    });
  }
  await backend.close();
  return crashes;
}
