import type { Failure } from '../../../src/domain/failure.js';
import { ANSWER } from '../protocol/frames.js';
import { type Answer, ProtocolError } from './answer-reader.js';

/**
 * What an answer says went wrong; null of one whose body is the output. Throws {@link ProtocolError} for what cannot
 * answer a call.
 */
export function failureIn(answer: Answer, outputLimit: number): Failure | null {
  const { kind, body, status } = answer;
  switch (kind) {
    case ANSWER.ok:
      return null;
    case ANSWER.pluginError:
      return { code: 'plugin-error', detail: pluginSaid(body, status), status };
    case ANSWER.outputTooLarge:
      return {
        code: 'output-too-large',
        detail: `the function answered more than ${outputLimit} bytes`,
        limit: outputLimit,
      };
    case ANSWER.badOutput:
      return { code: 'bad-output', detail: `the function's output cannot be used: ${body.toString()}` };
    case ANSWER.badRequest:
      return { code: 'bad-request', ...badRequest(body) };
    case ANSWER.expired:
      return { code: 'timeout', detail: 'the deadline passed before the call began', begun: false };
    case ANSWER.dropped:
    case ANSWER.ready:
    case ANSWER.refused:
      throw new ProtocolError(`an answer of kind ${kind} to a call`);
    default:
      return kind satisfies never;
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
