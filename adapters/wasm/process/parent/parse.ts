import type { BackendEvent, Problem } from '../../../../src/domain/backend.js';
import type { Failure } from '../../../../src/domain/failure.js';
import type { HostRequest } from '../../host-call.js';
import { ProtocolError } from '../frame-reader.js';
import { splitBytes } from '../frames.js';

/*
 * What a process of lanes says, as far as it can be true: whatever else comes throws a ProtocolError. The process may
 * be in the hands of a module that nobody trusts.
 */
type Fields = Readonly<Record<string, unknown>>;

const RESTARTS: readonly unknown[] = ['trap', 'timeout', 'lane'];

export function parseMissing(body: Buffer): readonly string[] {
  const missing = json(body);
  if (!Array.isArray(missing) || !missing.every(isText)) throw new ProtocolError('a first answer that says nothing');
  return missing;
}

export function parseProblems(body: Buffer): readonly Problem[] {
  const problems = json(body);
  if (!Array.isArray(problems) || problems.length === 0) throw new ProtocolError('problems that are none');
  return problems.map((each) => {
    const problem = fields(each);
    return { pointer: text(problem, 'pointer'), message: text(problem, 'message') };
  });
}

/** One of the failures that a call in lanes can have. `outputLimit` is what was asked for. */
export function parseFailure(body: Buffer, outputLimit: number): Failure {
  const failure = fields(json(body));
  const detail = text(failure, 'detail');
  switch (failure['code']) {
    case 'timeout':
    case 'cancelled':
      return { code: failure['code'], detail, begun: failure['begun'] === true };
    case 'trapped':
      return { code: 'trapped', detail };
    case 'plugin-error':
      return { code: 'plugin-error', detail, ...status(failure) };
    case 'output-too-large':
      return { code: 'output-too-large', detail, limit: outputLimit };
    default:
      throw new ProtocolError('a failure that lanes do not have');
  }
}

export function parseRequest(body: Buffer): HostRequest {
  const { value, bytes } = split(body);
  const asked = fields(value);
  switch (asked['kind']) {
    case 'call':
      return { kind: 'call', target: text(asked, 'target'), input: bytes };
    case 'http': {
      const request = fields(asked['request']);
      return {
        kind: 'http',
        request: {
          method: text(request, 'method'),
          url: text(request, 'url'),
          headers: headers(request['headers']),
          body: request['hasBody'] === true ? bytes : null,
        },
      };
    }
    default:
      throw new ProtocolError('a request of no kind');
  }
}

export function parseEvent(body: Buffer): BackendEvent {
  const event = fields(json(body));
  if (event['type'] === 'output') return { type: 'output', stream: 'log', line: text(event, 'line') };
  if (event['type'] !== 'restart' || !RESTARTS.includes(event['cause']))
    throw new ProtocolError('an event that lanes do not have');
  return { type: 'restart', cause: text(event, 'cause') };
}

function headers(value: unknown): readonly (readonly [name: string, value: string])[] {
  if (!Array.isArray(value)) throw new ProtocolError('headers that are none');
  return value.map((each: unknown) => {
    const [name, content] = Array.isArray(each) ? (each as readonly unknown[]) : [];
    if (!isText(name) || !isText(content)) throw new ProtocolError('a header that is none');
    return [name, content];
  });
}

function status(failure: Fields): { status?: number } {
  return typeof failure['status'] === 'number' ? { status: failure['status'] } : {};
}

function text(of: Fields, name: string): string {
  const value = of[name];
  if (!isText(value)) throw new ProtocolError(`no ${name} where one belongs`);
  return value;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new ProtocolError('no object where one belongs');
  return value as Fields;
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new ProtocolError('what should be JSON is none', { cause });
  }
}

function split(body: Buffer): ReturnType<typeof splitBytes> {
  try {
    return splitBytes(body);
  } catch (cause) {
    throw new ProtocolError('a request that is none', { cause });
  }
}
