import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { at } from '#adapters/wasm/lane/wasi/place.js';
import { Errno } from '#adapters/wasm/lane/wasi/errno.js';

/** A tree by its paths, in which parents come first: a folder, a file that holds its own path, or a symlink. */
type Node = { readonly kind: 'folder' } | { readonly kind: 'file' } | { readonly kind: 'link'; readonly to: string };
type Tree = ReadonlyMap<string, Node>;

const NAMES = ['a', 'b', 'c'] as const;
const part = fc.constantFrom(...NAMES, ...NAMES, '..', '.', '');
const path = fc
  .tuple(fc.constantFrom('', '', '', '', '/'), fc.array(part, { minLength: 1, maxLength: 6 }))
  .map(([root, parts]) => root + parts.join('/'));
const node = fc.oneof(
  fc.constant({ kind: 'folder' as const }),
  fc.constant({ kind: 'folder' as const }),
  fc.constant({ kind: 'file' as const }),
  path.filter((to) => to !== '').map((to) => ({ kind: 'link' as const, to })),
);

const tree: fc.Arbitrary<Tree> = fc
  .array(fc.tuple(fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }), node), { maxLength: 14 })
  .map((wanted) => {
    const made = new Map<string, Node>();
    for (const [parts, what] of wanted) {
      const parents = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
      if (made.has(parts.join('/'))) continue;
      if (parents.some((parent) => (made.get(parent)?.kind ?? 'folder') !== 'folder')) continue;
      for (const parent of parents) made.set(parent, { kind: 'folder' });
      made.set(parts.join('/'), what);
    }
    return made;
  });

/** Where a path leads by the book: what the file there holds, or why there is none. */
function byTheBook(of: Tree, wanted: string): string {
  const kindOf = (parts: readonly string[]): string =>
    parts.length === 0 ? 'folder' : (of.get(parts.join('/'))?.kind ?? 'nothing');
  const at: string[] = [];
  const left = wanted.split('/');
  if (wanted === '') return 'ENOENT';
  if (wanted.startsWith('/')) return 'ENOTCAPABLE';
  for (let links = 0; left.length > 0;) {
    const next = left.shift();
    if (kindOf(at) === 'nothing') return 'ENOENT';
    if (kindOf(at) === 'file') return 'ENOTDIR';
    if (next === undefined || next === '' || next === '.') continue;
    if (next === '..') {
      if (at.pop() === undefined) return 'ENOTCAPABLE';
      continue;
    }
    at.push(next);
    const found = of.get(at.join('/'));
    if (found?.kind !== 'link') continue;
    if (++links > 40) return 'ELOOP';
    if (found.to.startsWith('/')) return 'ENOTCAPABLE';
    at.pop();
    left.unshift(...found.to.split('/'));
  }
  return kindOf(at) === 'nothing' ? 'ENOENT' : `${kindOf(at)} ${at.join('/')}`;
}

it('a path leads where the book says, through any tree of folders and symlinks, and never outside', () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'banyan-place-')));
  try {
    let number = 0;
    fc.assert(
      fc.property(tree, fc.array(path, { minLength: 10, maxLength: 10 }), (of, paths) => {
        // Outside, and inside, names are the same.
        const outside = join(home, String(number++));
        const root = join(outside, 'a');
        for (const name of ['a', 'b', 'c/a']) mkdirSync(join(outside, name), { recursive: true });
        for (const [name, what] of of) {
          if (what.kind === 'folder') mkdirSync(join(root, name));
          else if (what.kind === 'file') writeFileSync(join(root, name), name);
          else symlinkSync(what.to, join(root, name));
        }
        const fd = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
        try {
          for (const wanted of paths)
            expect(`${wanted}: ${found(fd, root, wanted)}`).toBe(`${wanted}: ${byTheBook(of, wanted)}`);
        } finally {
          closeSync(fd);
        }
      }),
      { numRuns: 150 },
    );
  } finally {
    rmSync(home, { recursive: true });
  }
});

function found(fd: number, root: string, wanted: string): string {
  try {
    return at(fd, wanted, true, ({ path: place, stats, asDirectory }) => {
      if (stats === null) return 'ENOENT';
      if (stats.isFile()) return asDirectory ? 'ENOTDIR' : `file ${readFileSync(place, 'utf8')}`;
      return `folder ${realpathSync(place).slice(root.length + 1)}`;
    });
  } catch (error) {
    if (error instanceof Errno) return error.code;
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
}
