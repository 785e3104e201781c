import type { Exit } from '../../../src/domain/exit.js';
import { failureIn } from './answer-failure.js';
import { type Answer, ProtocolError } from './answer-reader.js';
import { crashed } from './failures.js';
import type { Job } from './job.js';

const NO_EXIT: Exit = { signal: null, exitCode: null };

/** Ends a call with what its child answered. Throws {@link ProtocolError} when that is no answer; the call has failed then. */
export function settle(job: Job, answer: Answer): void {
  try {
    const failure = failureIn(answer, job.target.outputLimit);
    if (failure === null) job.reply(answer.body);
    else job.fail(failure);
  } catch (error) {
    if (error instanceof ProtocolError) job.fail(crashed({ cause: 'protocol', detail: error.message }, NO_EXIT));
    throw error;
  }
}
