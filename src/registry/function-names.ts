import { NAME } from '../schema/name.js';
import { keysAt, valueAt } from './found.js';
import type { Mistake, Path } from './mistake.js';
import { nearest } from '../domain/nearest.js';

const LEGACY: Path = ['backends', 'legacy', 'functions'];
const WASM: Path = ['backends', 'wasm', 'functions'];

/** Where the functions of a backend are not those that the plugin declares. */
export function functionNameMistakes(manifest: unknown): Mistake[] {
  const declared = keysAt(manifest, ['functions']).filter((name) => NAME.test(name));
  if (declared.length === 0) return [];
  const undeclared = (side: Path): Mistake[] =>
    keysAt(manifest, side)
      .filter((name) => !declared.includes(name))
      .map((name) => {
        const meant = nearest(name, declared);
        const hint = meant === null ? '' : `; did you mean \`${meant}\`?`;
        const known = `${hint === '' ? '; declared' : ' Declared'} under functions: ${declared.join(', ')}`;
        return { path: [...side, name], at: 'key', message: `unknown function \`${name}\`${hint}${known}` };
      });
  return [...unmapped(manifest, declared), ...undeclared(LEGACY), ...undeclared(WASM)];
}

/** A library's symbols follow no rule, so each declared function says how it is called. */
function unmapped(manifest: unknown, declared: readonly string[]): Mistake[] {
  const mapping = valueAt(manifest, LEGACY);
  if (typeof mapping !== 'object' || mapping === null || Array.isArray(mapping)) return [];
  return declared
    .filter((name) => !Object.hasOwn(mapping, name))
    .map((name) => ({
      path: [...LEGACY, name],
      at: 'key',
      message: `missing key \`${name}\`: expected how this function is called, such as { symbol: ${name}, convention: buffer }`,
    }));
}
