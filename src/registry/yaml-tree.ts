import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Path } from './mistake.js';

/** A mistake at an offset of the text. */
export interface TextMistake {
  readonly offset: number;
  readonly message: string;
}

/** What a composed YAML document says, and where each part of it stands. */
export interface YamlTree {
  readonly value: unknown;
  readonly mistakes: readonly TextMistake[];
  /** The key and the value of a path or, where that is not there, of its nearest parent (`rest` parts up). */
  find(path: Path): { readonly key: Node | null; readonly node: Node | null; readonly rest: number };
}

/**
 * Turns nodes into plain values. An alias becomes the very object that its anchor made, so that no nest of aliases
 * grows; it may stand only behind its anchor's end, so nothing contains itself.
 */
export function treeOf(root: Node | null): YamlTree {
  const mistakes: TextMistake[] = [];
  const anchors = new Map<string, { readonly node: Node; readonly value: unknown }>();
  const targets = new Map<Node, Node>();
  const pairs = new Map<Node, ReadonlyMap<string, Pair<Node, Node | null>>>();

  function build(node: Node | null): unknown {
    if (node === null) return null;
    if (isAlias(node)) {
      const anchor = anchors.get(node.source);
      if (anchor === undefined) {
        mistakes.push({ offset: offsetOf(node), message: `expected an anchor &${node.source} before its alias` });
        return null;
      }
      targets.set(node, anchor.node);
      return anchor.value;
    }
    const value = isScalar(node) ? node.value : collection(node as YAMLMap<Node, Node | null> | YAMLSeq<Node | null>);
    if (node.anchor !== undefined) anchors.set(node.anchor, { node, value });
    return value;
  }

  function collection(node: YAMLMap<Node, Node | null> | YAMLSeq<Node | null>): unknown {
    return isSeq(node) ? node.items.map(build) : mapping(node);
  }

  function mapping(node: YAMLMap<Node, Node | null>): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const seen = new Map<string, Pair<Node, Node | null>>();
    for (const pair of node.items) {
      const { key, value } = pair;
      const name = keyName(key);
      const offset = offsetOf(key);
      if (name === null) mistakes.push({ offset, message: 'expected plain text as key' });
      else if (name === '__proto__')
        mistakes.push({ offset, message: 'expected another key: `__proto__` is reserved' });
      else if (seen.has(name)) mistakes.push({ offset, message: `duplicate key \`${name}\`: expected it once` });
      else {
        result[name] = build(value);
        seen.set(name, pair);
      }
    }
    pairs.set(node, seen);
    return result;
  }

  const value = build(root);
  return {
    value,
    mistakes,
    find(path) {
      let key: Node | null = null;
      let node = root;
      for (const [index, part] of path.entries()) {
        const target = node === null ? null : (targets.get(node) ?? node);
        if (isMap<Node, Node | null>(target)) {
          const pair = pairs.get(target)?.get(String(part));
          if (pair === undefined) return { key, node, rest: path.length - index };
          key = pair.key;
          node = pair.value;
        } else {
          const items: readonly (Node | null)[] = isSeq<Node | null>(target) ? target.items : [];
          const item = items[Number(part)];
          if (item === undefined) return { key, node, rest: path.length - index };
          key = item;
          node = item;
        }
      }
      return { key, node, rest: 0 };
    },
  };
}

/** Where a node begins, an empty one where it could stand. */
export function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function keyName(key: Node): string | null {
  return isScalar(key) && (typeof key.value === 'string' || key.value === null) ? (key.value ?? '') : null;
}
