import { failureIn } from './answer-failure.js';
import type { Answer } from './answer-reader.js';
import type { Job } from './job.js';

/** Ends a call with what its child answered. */
export function settle(job: Job, answer: Answer): void {
  const failure = failureIn(answer, job.target.outputLimit);
  if (failure === null) job.reply(answer.body);
  else job.fail(failure);
}
