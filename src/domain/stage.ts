import type { BackendName } from './backend.js';

/**
 * What an operator wants for a function. `percent` and `sample` are percentages from 0 to 100 in steps of 0.01;
 * `allow` holds sticky keys that are always answered by wasm.
 */
export type Stage =
  | { readonly stage: 'legacy' }
  | { readonly stage: 'shadow'; readonly sample: number }
  | {
      readonly stage: 'canary';
      readonly percent: number;
      readonly sample: number;
      readonly allow: readonly string[];
      readonly fallback: boolean;
    }
  | { readonly stage: 'wasm'; readonly sample: number; readonly fallback: boolean }
  | { readonly stage: 'retired' };

export type StageName = Stage['stage'];

export const STAGE_NAMES = ['legacy', 'shadow', 'canary', 'wasm', 'retired'] as const satisfies readonly StageName[];

/** The backends without which a stage makes no sense. */
export function backendsNeededBy(stage: Stage): readonly BackendName[] {
  switch (stage.stage) {
    case 'legacy':
      return ['legacy'];
    case 'shadow':
    case 'canary':
      return ['legacy', 'wasm'];
    case 'wasm':
      return stage.sample > 0 || stage.fallback ? ['legacy', 'wasm'] : ['wasm'];
    case 'retired':
      return ['wasm'];
    default:
      return stage satisfies never;
  }
}

/** The share of calls, in percent, that wasm answers under a stage. */
export function percentOnWasm(stage: Stage): number {
  switch (stage.stage) {
    case 'legacy':
    case 'shadow':
      return 0;
    case 'canary':
      return stage.percent;
    case 'wasm':
    case 'retired':
      return 100;
    default:
      return stage satisfies never;
  }
}

/**
 * Keys that wasm answers under one stage by its `allow`, and may not under another: there they are left to their draw, or
 * wasm answers nobody.
 */
export function keysLeftOut(from: Stage, to: Stage): readonly string[] {
  if (from.stage !== 'canary' || percentOnWasm(to) === 100) return [];
  const kept = new Set(to.stage === 'canary' ? to.allow : []);
  return from.allow.filter((key) => !kept.has(key));
}

/** Stages are plain documents whose members stand in the order in which the schema writes them. */
export function sameStage(a: Stage | null, b: Stage | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Percentages in steps of 0.01 as whole hundredths: 0.07 becomes 7, which `0.07 * 100` is not. */
export function hundredths(percent: number): number {
  return Math.round(percent * 100);
}
