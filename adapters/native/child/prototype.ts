import type { Problem } from '../../../src/domain/backend.js';
import type { NativeFunction } from '../../../src/domain/native-function.js';
import { ANSWER } from '../protocol/frames.js';
import { AT } from '../protocol/opening.js';
import { type Argument, argumentOf, BadRequest } from './argument.js';
import { type CPrototype, parsePrototype } from './c-prototype.js';
import { postString } from './cstring.js';
import type { Library } from './library.js';
import { type Outgoing, postBadOutput } from './outgoing.js';
import type { Pointer } from './pointer.js';
import { resultAsJson, wrongWithResult } from './result.js';
import type { Runner } from './runner.js';

type Declared = Extract<NativeFunction, { convention: 'prototype' }>;

/** A function declared by its C prototype. Adds to `problems`, and answers null, when declaration and mapping do not fit. */
export function prototypeRunner(
  name: string,
  declared: Declared,
  library: Library,
  limit: number,
  outgoing: Outgoing,
  problems: Problem[],
): Runner | null {
  const at = AT.function(name);
  const parsed = parsePrototype(declared.prototype);
  if (typeof parsed === 'string') {
    problems.push({ pointer: `${at}/prototype`, message: `the C prototype is not understood: ${parsed}` });
    return null;
  }
  const mistakes: Problem[] = [];
  const values = mapArguments(at, declared, parsed, mistakes);
  const wrong = wrongWithResult(declared.result, parsed.result);
  if (wrong !== null) mistakes.push({ pointer: `${at}/result`, message: wrong });
  problems.push(...mistakes);
  if (mistakes.length > 0 || !library.has(declared.symbol)) return null;

  const types = parsed.parameters.map((type) => type.koffi);
  const native = library.bind(declared.symbol, parsed.result.koffi, types);
  const needsJson = values.some((value) => value.needsJson);

  return (call, text) => {
    try {
      const json = needsJson ? parseJson(text(call)) : undefined;
      const result = native(...values.map((value) => value.of(call, json)));
      if (declared.result === 'text') answerText(result as Pointer | null, call.sequence);
      else answerJson(resultAsJson(result, parsed.result), call.sequence);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      outgoing.postText(ANSWER.badRequest, call.sequence, JSON.stringify(error.said));
    }
  };

  function answerText(result: Pointer | null, sequence: number): void {
    if (result === null) postBadOutput(outgoing, sequence, 'it returned NULL for a text');
    else postString(result, sequence, limit, outgoing);
  }

  function answerJson(json: string | null, sequence: number): void {
    if (json === null) postBadOutput(outgoing, sequence, 'it returned a number that JSON has no word for');
    else outgoing.postText(ANSWER.ok, sequence, json);
  }
}

function mapArguments(at: string, declared: Declared, parsed: CPrototype, problems: Problem[]): readonly Argument[] {
  if (declared.args.length !== parsed.parameters.length) {
    const message = `there are ${declared.args.length} arguments, but the prototype has ${parsed.parameters.length} parameters`;
    problems.push({ pointer: `${at}/args`, message });
    return [];
  }
  const hasLength = declared.args.includes('$length');
  return parsed.parameters.flatMap((type, index) => {
    const argument = argumentOf(declared.args[index] ?? '', type, hasLength);
    if (typeof argument !== 'string') return [argument];
    problems.push({ pointer: `${at}/args/${index}`, message: argument });
    return [];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadRequest(`the body is not JSON: ${(error as Error).message}`, '');
  }
}
