import { readFile } from 'node:fs/promises';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  parseDocument,
  visit,
  type Document,
  type Node,
} from 'yaml';
import type { FileProblem } from '../domain/generation.js';
import { Refusal } from './refusal.js';
import { Trouble } from './trouble.js';

/** A plan as it stands in a file of YAML or JSON; whether it makes sense is the gateway's to say. */
export interface PlanFile {
  readonly value: unknown;
  /** A refusal of the plan, its mistakes at their places in the file. */
  placed(refusal: Refusal): Refusal;
}

/** Rejects with {@link Trouble} for a file that cannot be read, or is no YAML. */
export async function readPlanFile(file: string): Promise<PlanFile> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Trouble(`${file} cannot be read: ${(error as Error).message}`, null, { cause: error });
  });
  const lines = new LineCounter();
  const options = { prettyErrors: false, stringKeys: true, logLevel: 'silent' } as const;
  const document = parseDocument(text, { ...options, lineCounter: lines });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const mistakes = [...document.errors, ...document.warnings];
  if (mistakes.length > 0) {
    throw new Trouble(mistakes.map(({ pos, message }) => `${at(pos[0])}: not valid YAML: ${message}`).join('\n'));
  }
  const [, second] = parseAllDocuments(text, options);
  if (second !== undefined) {
    throw new Trouble(`${at(second.range[0])}: another document begins here: expected one plan`);
  }
  const wrong = unsendable(document);
  if (wrong !== null) throw new Trouble(`${at(wrong.offset)}: ${wrong.message}`);
  if (document.contents === null) throw new Trouble(`${file} is empty: expected a plan with its steps`);
  return {
    value: valueOf(document, file),
    placed({ problem, raw }) {
      const { errors = [] } = problem;
      if (errors.length === 0) return new Refusal(problem, raw);
      const problems = errors.map(({ pointer, message }): FileProblem => {
        const { line, col } = lines.linePos(offsetOf(document, partsOf(pointer)));
        return { file, line: Math.max(line, 1), column: Math.max(col, 1), path: dotted(partsOf(pointer)), message };
      });
      const detail = problems.length === 1 ? `${file} has a mistake` : `${file} has ${problems.length} mistakes`;
      return new Refusal({ ...problem, detail, problems }, raw);
    },
  };
}

/** The first thing that YAML can say and JSON cannot: as JSON it would be nothing, or have no end. */
function unsendable(document: Document): { readonly offset: number; readonly message: string } | null {
  let found: { readonly offset: number; readonly message: string } | null = null;
  visit(document, {
    Scalar(_key, { value, range }) {
      if (typeof value !== 'number' || Number.isFinite(value)) return undefined;
      found = { offset: range?.[0] ?? 0, message: `${value} is no number that a plan can have` };
      return visit.BREAK;
    },
    Alias(_key, alias, path) {
      const node = alias.resolve(document);
      if (node !== undefined && !path.includes(node)) return undefined;
      const why = node === undefined ? 'stands for nothing before it' : 'stands for what it is a part of';
      found = { offset: alias.range?.[0] ?? 0, message: `*${alias.source} ${why}` };
      return visit.BREAK;
    },
  });
  return found;
}

function valueOf(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new Trouble(`${file} cannot be used: ${(error as Error).message}`, null, { cause: error });
  }
}

/** Where what a pointer names begins; what is not there is placed at its nearest parent. */
function offsetOf(document: Document, parts: readonly string[]): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const part of parts) {
    const whole = isAlias(node) ? (node.resolve(document) ?? null) : node;
    const [key, value] = memberOf(whole, part);
    if (key === null && value === null) return offset;
    // What stands behind a key begins on a later line, unless it is a scalar.
    offset = (isScalar(value) && value.range?.[0] !== value.range?.[1] ? value : (key ?? value))?.range?.[0] ?? offset;
    node = value;
  }
  return offset;
}

/** The key and the value of a member; an item of a list has no key. */
function memberOf(node: Node | null, part: string): readonly [Node | null, Node | null] {
  if (isMap<Node, Node | null>(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
    return pair === undefined ? [null, null] : [pair.key, pair.value];
  }
  return isSeq<Node>(node) ? [null, node.items[Number(part)] ?? null] : [null, null];
}

function partsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** As people write it: `steps[1].stage.percent`. */
function dotted(parts: readonly string[]): string {
  return parts.reduce((written, part) => {
    if (/^\d+$/.test(part)) return `${written}[${part}]`;
    return written === '' ? part : `${written}.${part}`;
  }, '');
}
