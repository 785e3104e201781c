import type { Generation } from '../domain/generation.js';

/** The one mutable cell of the process. */
export interface Cell {
  current(): Generation;
  swap(next: Generation): void;
}

export function createCell(first: Generation): Cell {
  let generation = first;
  return {
    current: () => generation,
    swap(next) {
      generation = next;
    },
  };
}
