import type { Compare } from '../domain/compare.js';
import { hideExcerpts } from './hide.js';
import { judge } from './judge.js';

export interface Comparer {
  readonly compare: Compare;
  close(): Promise<void>;
}

export function createComparer(): Comparer {
  return {
    compare({ compare: rule, error, redact }, legacy, wasm) {
      if (rule.as === 'module') {
        const differences = [{ pointer: '', kind: 'value', legacy: 'modules are not run yet', wasm: null } as const];
        return { result: 'mismatch', differences, omitted: 0 };
      }
      return hideExcerpts(judge(rule, error, legacy, wasm), redact.pointers);
    },
    close: () => Promise.resolve(),
  };
}
