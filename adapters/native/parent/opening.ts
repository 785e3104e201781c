import type { Problem } from '../../../src/domain/backend.js';
import type { NativeSpec } from '../../../src/domain/plugin.js';
import type { Opening } from '../protocol/opening.js';
import { ProtocolError } from './answer-reader.js';

export function openingOf(spec: NativeSpec): Opening {
  return {
    library: spec.library,
    functions: [...spec.functions].map(([name, declared]) => ({ name, declared })),
    free: spec.free,
    memory: spec.memory,
    outputLimit: spec.outputLimit,
  };
}

/** A child's problems. Foreign code ran in it before it said so: throws {@link ProtocolError} at anything else. */
export function parseProblems(body: Buffer): readonly Problem[] {
  const problems = parse(body);
  if (!Array.isArray(problems) || problems.length === 0 || !problems.every(isProblem))
    throw new ProtocolError('problems that are none');
  return problems.map(({ pointer, message }) => ({ pointer, message }));
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new ProtocolError('problems that are no JSON', { cause });
  }
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pointer' in value &&
    typeof value.pointer === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
