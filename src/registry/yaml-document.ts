import { Composer, LineCounter, isScalar, type Document } from 'yaml';
import { Misconfigured } from '../domain/misconfigured.js';
import type { Path, Place } from './mistake.js';
import { tokensOf } from './yaml-tokens.js';
import { offsetOf, treeOf, type TextMistake, type YamlTree } from './yaml-tree.js';

// Of mistakes of syntax the later ones tend to follow from the first.
const MOST_MISTAKES = 20;

/** One YAML document with the places of everything in it. */
export interface YamlDocument {
  readonly file: string;
  readonly value: unknown;
  readonly place: Place;
  /** A scalar's text as it stands in the file (`1.10`, which is parsed to 1.1); null for anything else. */
  readonly source: (path: Path) => string | null;
}

/** Parses a text that holds one YAML document; throws {@link Misconfigured} with every mistake of syntax. */
export function parseYaml(file: string, text: string): YamlDocument {
  const lines = new LineCounter();
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const refuse = (mistakes: readonly TextMistake[]): never => {
    throw new Misconfigured(
      mistakes
        .toSorted((a, b) => a.offset - b.offset)
        .slice(0, MOST_MISTAKES)
        .map(({ offset, message }) => ({ file, ...placeOf(offset), path: '', message })),
    );
  };

  const tokens = tokensOf(text, lines);
  if (!Array.isArray(tokens)) return refuse([tokens]);

  const composer = new Composer({
    stringKeys: true,
    // The library would compare each key with each other one; the tree finds doubles in one pass.
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: 'silent',
  });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  const syntax = syntaxMistakes(document, second);
  if (syntax.length > 0) return refuse(syntax);
  const tree = treeOf(document?.contents ?? null);
  if (tree.mistakes.length > 0) return refuse(tree.mistakes);
  if (tree.value === null) return refuse([{ offset: 0, message: 'the file is empty' }]);

  return {
    file,
    value: tree.value,
    place: (path, at) => placeOf(placeIn(tree, path, at)),
    source: (path) => {
      const { node, rest } = tree.find(path);
      return rest === 0 && isScalar(node) ? (node.source ?? null) : null;
    },
  };
}

function syntaxMistakes(document: Document.Parsed | undefined, second: Document.Parsed | undefined): TextMistake[] {
  const mistakes = [...(document?.errors ?? []), ...(document?.warnings ?? [])].map(({ pos, code, message }) => ({
    offset: pos[0],
    message: code === 'NON_STRING_KEY' ? 'expected plain text as key' : `not valid YAML: ${message}`,
  }));
  if (second !== undefined) {
    mistakes.push({ offset: second.range[0], message: 'expected one YAML document, found a second one' });
  }
  return mistakes;
}

/** A missing key is placed at its parent's key; a value that was left out at its key. */
function placeIn(tree: YamlTree, path: Path, at: 'key' | 'value'): number {
  const { key, node, rest } = tree.find(path);
  const isEmpty = node === null || node.range?.[0] === node.range?.[1];
  const wanted = key !== null && (at === 'key' || rest > 0 || isEmpty) ? key : node;
  return wanted === null ? 0 : offsetOf(wanted);
}
