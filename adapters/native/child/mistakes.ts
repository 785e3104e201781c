import type { Problem } from '../../../src/domain/backend.js';

/** Thrown where nothing further can be looked at; most mistakes are collected instead, to be told all at once. */
export class Mistake extends Error {
  readonly problem: Problem;

  constructor(pointer: string, message: string) {
    super(message);
    this.problem = { pointer, message };
  }
}
