import koffi, { type TypeObject } from 'koffi';
import type { Problem } from '../../../src/domain/backend.js';
import type { NativeFunction } from '../../../src/domain/plugin.js';
import { ANSWER } from '../protocol/frames.js';
import { AT } from '../protocol/opening.js';
import { argumentOf, BadRequest, type Argument } from './argument.js';
import { postString } from './cstring.js';
import type { Library } from './library.js';
import { type Outgoing, postBadOutput } from './outgoing.js';
import type { Pointer } from './pointer.js';
import { resultAsJson, wrongWithJsonResult } from './result.js';
import type { Runner } from './runner.js';

type Declared = Extract<NativeFunction, { convention: 'prototype' }>;

interface Parsed {
  readonly result: TypeObject;
  readonly parameters: readonly TypeObject[];
}

let parsedSoFar = 0;

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
  const parsed = parse(declared.prototype);
  if (typeof parsed === 'string') {
    problems.push({ pointer: `${at}/prototype`, message: `is not a C prototype that can be called: ${parsed}` });
    return null;
  }
  const mistakes: Problem[] = [];
  const values = mapArguments(at, declared, parsed, mistakes);
  const wrong = wrongWithResult(declared.result, parsed.result);
  if (wrong !== null) mistakes.push({ pointer: `${at}/result`, message: wrong });
  problems.push(...mistakes);
  if (mistakes.length > 0 || !library.has(declared.symbol)) return null;

  const isPointer = (type: TypeObject): boolean => type.primitive === 'Pointer' || type.primitive === 'String';
  const raw = (type: TypeObject): TypeObject | string => (isPointer(type) ? 'void *' : type);
  const native = library.bind(declared.symbol, raw(parsed.result), parsed.parameters.map(raw));
  const needsJson = values.some((value) => value.needsJson);

  return (call, text) => {
    try {
      const json = needsJson ? parseJson(text(call)) : undefined;
      const result = native(...values.map((value) => value.of(call, json)));
      if (declared.result === 'text') answerText(result as Pointer | null, call.sequence);
      else answerJson(resultAsJson(result), call.sequence);
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

function mapArguments(at: string, declared: Declared, parsed: Parsed, problems: Problem[]): readonly Argument[] {
  if (declared.args.length !== parsed.parameters.length) {
    const message = `has ${declared.args.length} entries, but the prototype has ${parsed.parameters.length} parameters`;
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

function wrongWithResult(as: 'json' | 'text', type: TypeObject): string | null {
  if (as === 'json') return wrongWithJsonResult(type);
  return type.primitive === 'String' ? null : `text needs a function that returns char *, not ${type.name}`;
}

/** koffi parses the types; what it says when it cannot is the answer then. */
function parse(prototype: string): Parsed | string {
  if (prototype.includes('...')) return 'a variable number of arguments is not supported';
  // koffi keeps every name that it has parsed, and refuses a second one.
  const renamed = prototype
    .replaceAll(/\b(extern|restrict|__restrict|__restrict__)\b/g, ' ')
    .replace(/\b[A-Za-z_]\w*(\s*\()/, `function_${parsedSoFar++}$1`);
  try {
    const { proto } = koffi.type(koffi.proto(renamed));
    if (proto === undefined) return 'it declares no function';
    // In koffi 3 a parameter comes with its direction; its declarations do not say so.
    const parameters = proto.arguments as unknown as readonly { type: TypeObject; direction: string }[];
    if (parameters.some((parameter) => parameter.direction !== 'Input')) return 'only input parameters are supported';
    return { result: proto.result, parameters: parameters.map((parameter) => parameter.type) };
  } catch (error) {
    return (error as Error).message;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadRequest(`the body is not JSON: ${(error as Error).message}`, '');
  }
}
