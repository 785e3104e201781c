import type { Artefact } from '../../domain/artefact.js';
import type { Ended } from '../../domain/comparison.js';
import type { Question } from '../messages.js';
import { createLane, type Answer, type Lane, type LaneLimits } from './lane.js';

export interface LanesOptions {
  /** Comparisons that may wait or be under way, and the bytes of their outputs; a single one may be larger. */
  readonly most: { readonly count: number; readonly bytes: number };
  /** Threads for modules, one for each of them. */
  readonly modules: number;
  /** By the rules that manifests spell out, and by a module. */
  readonly limits: { readonly plain: LaneLimits; readonly module: LaneLimits };
}

export interface Lanes {
  /** Null: too much waits already, or the lanes were closed. Never rejects. */
  ask(module: Artefact | null, question: Omit<Question, 'id'>): Promise<Answer | null>;
  close(): Promise<void>;
}

/** A lane for large documents, and one for each module, so that a module disturbs nobody else's. */
export function createLanes({ most, modules, limits }: LanesOptions): Lanes {
  const plain = createLane(null, limits.plain);
  /** The one that was used last comes last. */
  const byModule = new Map<string, Lane>();
  const load = { count: 0, bytes: 0 };
  let closed = false;

  return {
    async ask(module, question) {
      const bytes = sizeOf(question.legacy) + sizeOf(question.wasm);
      const isFull = load.count >= most.count || (load.count > 0 && load.bytes + bytes > most.bytes);
      const lane = closed || isFull ? null : laneFor(module);
      if (lane === null) return null;
      load.count++;
      load.bytes += bytes;
      const answer = await lane.ask(question);
      load.count--;
      load.bytes -= bytes;
      return answer;
    },
    async close() {
      closed = true;
      await Promise.all([plain, ...byModule.values()].map((lane) => lane.close()));
    },
  };

  function laneFor(module: Artefact | null): Lane | null {
    if (module === null) return plain;
    const key = `${module.sha256} ${module.path}`;
    let lane = byModule.get(key);
    if (lane === undefined) {
      if (byModule.size >= modules && !makeRoom()) return null;
      lane = createLane(module, limits.module);
    }
    byModule.delete(key);
    byModule.set(key, lane);
    return lane;
  }

  /** Ends the lane that has had nothing to do for longest. */
  function makeRoom(): boolean {
    for (const [key, lane] of byModule) {
      if (!lane.isIdle()) continue;
      byModule.delete(key);
      void lane.close();
      return true;
    }
    return false;
  }
}

function sizeOf(ended: Ended): number {
  return 'code' in ended ? 0 : ended.output.length;
}
