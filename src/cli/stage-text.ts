import type { Stage } from '../domain/stage.js';

/** A stage in few words: `canary 5 %, sample 10 %, allow 2 keys, fallback`. */
export function stageText(stage: Stage | null): string {
  if (stage === null) return '(none of its own)';
  switch (stage.stage) {
    case 'legacy':
    case 'retired':
      return stage.stage;
    case 'shadow':
      return `shadow ${stage.sample} %`;
    case 'canary': {
      const keys = stage.allow.length;
      const allow = keys === 0 ? '' : `, allow ${keys} ${keys === 1 ? 'key' : 'keys'}`;
      return `canary ${stage.percent} %${sampleText(stage.sample)}${allow}${stage.fallback ? ', fallback' : ''}`;
    }
    case 'wasm':
      return `wasm${sampleText(stage.sample)}${stage.fallback ? ', fallback' : ''}`;
    default:
      return stage satisfies never;
  }
}

function sampleText(sample: number): string {
  return sample === 0 ? '' : `, sample ${sample} %`;
}
