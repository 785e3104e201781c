import { ANSWER } from '../protocol/frames.js';
import { type Answer, ProtocolError } from './answer-reader.js';
import type { Job } from './job.js';

/** Ends a call with what its child answered. */
export function settle(job: Job, answer: Answer, outputLimit: number): void {
  const { kind, body, status } = answer;
  switch (kind) {
    case ANSWER.ok:
      job.reply(body);
      return;
    case ANSWER.pluginError:
      job.fail({ code: 'plugin-error', detail: pluginSaid(body, status), status });
      return;
    case ANSWER.outputTooLarge:
      job.fail({
        code: 'output-too-large',
        detail: `the function answered more than ${outputLimit} bytes`,
        limit: outputLimit,
      });
      return;
    case ANSWER.badOutput:
      job.fail({ code: 'bad-output', detail: `the function's output cannot be used: ${body.toString()}` });
      return;
    case ANSWER.badRequest:
      job.fail({ code: 'bad-request', ...badRequest(body) });
      return;
    case ANSWER.expired:
      job.fail({ code: 'timeout', detail: 'the deadline passed before the call began', begun: false });
      return;
    case ANSWER.dropped:
    case ANSWER.ready:
    case ANSWER.refused:
      throw new ProtocolError(`an answer of kind ${kind} to a call`);
    default:
      kind satisfies never;
  }
}

function pluginSaid(body: Buffer, status: number): string {
  if (body.length > 0) return body.toString();
  return `the function returned status ${status}`;
}

function badRequest(body: Buffer): { detail: string; pointer?: string } {
  const said = parse(body);
  if (typeof said !== 'object' || said === null || !('detail' in said) || typeof said.detail !== 'string')
    throw new ProtocolError('a refusal that says nothing');
  return 'pointer' in said && typeof said.pointer === 'string'
    ? { detail: said.detail, pointer: said.pointer }
    : { detail: said.detail };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new ProtocolError('a refusal that is no JSON', { cause });
  }
}
