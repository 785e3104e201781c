import type { CST } from 'yaml';

const MOST_LEVELS = 32;

/**
 * The offset at which a parsed text is nested more than 32 levels deep; null when nowhere. To be asked before the
 * tokens are composed: the composer recurses, and a regular expression that V8 compiles at the end of the stack is a
 * fatal error of the whole process, which nobody can catch.
 */
export function tooDeep(tokens: Iterable<CST.Token>): number | null {
  const waiting = [...tokens].map((token) => ({ token, level: 0 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, level } = next;
    if (level > MOST_LEVELS) return token.offset;
    for (const child of childrenOf(token)) {
      if (child !== null && child !== undefined) waiting.push({ token: child, level: level + 1 });
    }
  }
  return null;
}

function childrenOf(token: CST.Token): readonly (CST.Token | null | undefined)[] {
  switch (token.type) {
    case 'document':
      return [token.value];
    case 'block-map':
    case 'block-seq':
    case 'flow-collection':
      return token.items.flatMap((item) => [item.key, item.value]);
    default:
      return [];
  }
}
