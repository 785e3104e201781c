import { type Problem, Refused, type Report } from '../../../src/domain/backend.js';
import type { Call, Stop } from '../../../src/domain/call.js';
import { failed, stopped } from './outcome.js';

/** Milliseconds after which a refused module may have been replaced. */
const RETRY_REFUSED = 10_000;

/** A module that waits for its first call to be compiled. */
export interface FirstCall {
  /** Resolves once it is compiled. Rejects with Failed: it was refused, or the call was stopped meanwhile. */
  compiledFor(call: Call): Promise<void>;
}

interface FirstCallOptions {
  /** Makes the module known to the lanes; rejects with Refused. */
  readonly compile: () => Promise<void>;
  readonly report: Report;
  /** Calls that may wait for it outside of their queue's window. */
  readonly parked: number;
}

/** Compiles once, for however many calls; what does not compile is refused from then on. */
export function compiledByFirstCall({ compile, report, parked }: FirstCallOptions): FirstCall {
  let compiling: Promise<void> | null = null;
  let waiting = 0;

  const compileOnce = async (): Promise<void> => {
    try {
      await compile();
    } catch (error) {
      if (!(error instanceof Refused)) {
        compiling = null;
        throw error;
      }
      report({ type: 'state', state: { state: 'refused', problems: error.problems } });
      throw failed(refusal(error.problems), error);
    }
  };

  return {
    async compiledFor(call) {
      if (call.stopped !== null) throw failed(stopped(call.stopped, false));
      const ready = (compiling ??= compileOnce());
      // Neither a lane nor a place is needed for this; but a crowd that waits for one module has to stay countable.
      const parks = waiting < parked;
      waiting++;
      if (parks) call.onParked?.(true);
      try {
        await Promise.race([ready, stopOf(call)]);
      } finally {
        waiting--;
        call.onStop = null;
        if (parks) call.onParked?.(false);
      }
    },
  };
}

function stopOf(call: Call): Promise<never> {
  return new Promise((_resolve, reject) => {
    call.onStop = (stop: Stop) => reject(failed(stopped(stop, false)));
  });
}

function refusal(problems: readonly Problem[]) {
  const detail = `the wasm backend was refused: ${problems.map(({ message }) => message).join('; ')}`;
  return { code: 'unavailable', detail, retryAfterMs: RETRY_REFUSED } as const;
}
