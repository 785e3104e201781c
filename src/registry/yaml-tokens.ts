import { Lexer, Parser, type CST, type LineCounter } from 'yaml';
import type { TextMistake } from './yaml-tree.js';

const MOST_LEXEMES = 100_000;
const MOST_LEVELS = 32;

/**
 * The tokens of a text, or why it is too much. Composing comes after both checks: it takes microseconds a lexeme, in
 * which no call moves; and it recurses, and a regular expression that V8 compiles at the very end of the stack is a
 * fatal error of the whole process, which nobody can catch.
 */
export function tokensOf(text: string, lines: LineCounter): CST.Token[] | TextMistake {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > MOST_LEXEMES) {
      return { offset: parser.offset, message: 'expected less text: this is over 100,000 words and signs' };
    }
    tokens.push(...parser.next(lexeme));
  }
  tokens.push(...parser.end());
  const deep = tooDeep(tokens);
  return deep === null ? tokens : { offset: deep, message: 'expected less nesting: this is over 32 levels deep' };
}

/** The offset of a token that is nested too deeply, found without recursion; null when there is none. */
function tooDeep(tokens: readonly CST.Token[]): number | null {
  const waiting = tokens.map((token) => ({ token, level: 0 }));
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
