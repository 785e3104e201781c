import { expect, it } from 'vitest';
import { Fifo } from '#src/dispatch/fifo.js';

it('gives back its members in the order of their arrival', () => {
  const fifo = new Fifo<string>();
  for (const member of ['a', 'b', 'c']) fifo.push(member);
  expect(fifo.members()).toEqual(['a', 'b', 'c']);
  expect([fifo.shift(), fifo.shift(), fifo.shift(), fifo.shift()]).toEqual(['a', 'b', 'c', undefined]);
  expect(fifo.length).toBe(0);
});

it.each([
  ['first', 0, ['b', 'c', 'd']],
  ['middle', 1, ['a', 'c', 'd']],
  ['last', 2, ['a', 'b', 'd']],
])('can lose its %s member, once, and goes on', (_which, at, left) => {
  const fifo = new Fifo<string>();
  const places = ['a', 'b', 'c'].map((member) => fifo.push(member));
  const place = places[at];
  if (place === undefined) throw new Error('no such place');
  expect(fifo.leave(place)).toBe(true);
  expect(fifo.leave(place)).toBe(false);
  fifo.push('d');
  expect(fifo.members()).toEqual(left);
  expect(fifo.length).toBe(3);
});

it('knows that a member has gone by its turn', () => {
  const fifo = new Fifo<string>();
  const place = fifo.push('a');
  fifo.push('b');
  fifo.shift();
  expect(fifo.leave(place)).toBe(false);
  expect(fifo.members()).toEqual(['b']);
});

it('leaves no reference between those that have gone and those that came later', () => {
  const fifo = new Fifo<string>();
  const places = ['a', 'b', 'c'].map((member) => fifo.push(member));
  fifo.shift();
  const [first, second] = places;
  expect(first).toMatchObject({ before: null, behind: null });
  expect(second).toMatchObject({ before: null });
});
