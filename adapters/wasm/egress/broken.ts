import type { Destination } from './destination.js';
import { codeIn } from './lookup.js';
import { EgressRefused } from './refused.js';

/** How far a request had come when it broke. */
export type Stage = 'connecting' | 'securing' | 'asking' | 'reading';

/** A broken request in a sentence. Node's own would name the addresses that were tried. */
export function brokenAt(stage: Stage, { name }: Destination, cause: unknown): EgressRefused {
  return cause instanceof EgressRefused ? cause : new EgressRefused('failed', sentence(stage, name, cause), { cause });
}

function sentence(stage: Stage, name: string, cause: unknown): string {
  const code = codeIn(cause);
  switch (stage) {
    case 'connecting':
      return code === ' (ECONNREFUSED)'
        ? `${name} refused the connection`
        : `no connection to ${name} could be made${code}`;
    case 'securing':
      return `no secure connection to ${name} could be made${code}`;
    case 'asking':
      return `${name} ended the connection without an answer that HTTP allows${code}`;
    case 'reading':
      return `${name} ended the connection in the middle of its answer${code}`;
    default:
      return stage satisfies never;
  }
}
