import type { MessagePort } from 'node:worker_threads';
import { judge } from '../judge.js';
import type { FromLane, LaneStart, Question } from '../messages.js';
import { judgeBy } from './judge-by.js';
import { loadComparer, type Comparer } from './load-comparer.js';
import { Unusable } from './unusable.js';

/** Compares what it is asked to, one after the other. */
export async function runLane({ module }: LaneStart, port: MessagePort): Promise<void> {
  const say = (message: FromLane): void => port.postMessage(message);
  let comparer: Comparer | null = null;
  try {
    if (module !== null) comparer = await loadComparer(module);
  } catch (error) {
    say({ type: 'refused', why: error instanceof Unusable ? error.message : `it cannot be loaded: ${String(error)}` });
    return;
  }
  port.on('message', (question: Question) => {
    void answer(question, comparer).then(say);
  });
  say({ type: 'ready' });
}

async function answer(question: Question, comparer: Comparer | null): Promise<FromLane> {
  const { id, rule, error, legacy, wasm } = question;
  try {
    if (rule !== null) return { type: 'answer', id, comparison: said(judge(rule, error, legacy, wasm)) };
    if (comparer === null) throw new Unusable('it has no module');
    return { type: 'answer', id, comparison: said(await judgeBy(comparer, error, legacy, wasm)) };
  } catch (thrown) {
    if (thrown instanceof Unusable) return { type: 'broken', id, why: thrown.message, detail: thrown.detail };
    if (!(thrown instanceof Error)) return { type: 'broken', id, why: `it threw a ${typeof thrown}`, detail: null };
    return { type: 'broken', id, why: `it threw ${thrown.name}`, detail: thrown.message };
  }
}

type Said = Extract<FromLane, { readonly type: 'answer' }>['comparison'];

function said({ result, differences, omitted }: ReturnType<typeof judge>): Said {
  return { result, differences: [...differences], omitted };
}
