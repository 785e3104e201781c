import { describe, expect, it } from 'vitest';
import type { HostAnswer, HostRequest } from '#adapters/wasm/host-call.js';
import type { Asking } from '#adapters/wasm/parent/host-calls.js';
import { queued } from '#src/dispatch/queue.js';
import { replied } from '../asking.js';
import { callOf, failureOf, specOf, textOf } from '../harness.js';
import { type Isolated, isolate } from './processes.js';

interface Asked {
  readonly request: HostRequest;
  readonly asking: Asking;
  readonly answer: (answer: HostAnswer) => void;
}

interface Opened extends Isolated {
  readonly asked: Asked[];
  /** Resolves once so much has been asked for. */
  readonly until: (count: number) => Promise<void>;
}

const spec = specOf('relay.wasm', ['relay'], { calls: ['a/*'] });

async function open(options: { readonly depth?: number } = {}): Promise<Opened> {
  const asked: Asked[] = [];
  const waiting: (() => void)[] = [];
  const isolated = await isolate(spec, {
    ...options,
    answer: (request, asking) =>
      new Promise((answer) => {
        asked.push({ request, asking, answer });
        for (const again of waiting.splice(0)) again();
      }),
  });
  const until = async (count: number): Promise<void> => {
    while (asked.length < count) await new Promise<void>((again) => waiting.push(again));
  };
  return { ...isolated, asked, until };
}

describe('a call in a process of lanes that asks the gateway for something', () => {
  it('gets the answer, however long it is, and the gateway knows for which call of which plugin', async () => {
    const { backend, asked, until } = await open();
    for (const length of [0, 1, 7, 100_000, 3_000_000]) {
      const call = callOf('relay', 'a/echo hello');
      const reply = textOf(backend, call);
      await until(1);
      const [{ request, asking, answer }] = asked.splice(0) as [Asked];
      expect(request).toMatchObject({ kind: 'call', target: 'a/echo' });
      expect(request.kind === 'call' && Buffer.from(request.input).toString()).toBe('hello');
      expect(asking.call).toBe(call);
      expect(asking.spec.calls).toEqual(['a/*']);
      answer(replied('x'.repeat(length)));
      expect(await reply).toBe(`200 ${'x'.repeat(length)}`);
    }
  });

  it('ends as trapped when it is refused, with the reason', async () => {
    const { backend, asked, until } = await open();
    const failure = failureOf(backend, callOf('relay', 'b/echo'));
    await until(1);
    asked[0]!.answer({ kind: 'refused', why: 'b/echo is not for you' });
    expect(await failure).toEqual({ code: 'trapped', detail: 'b/echo is not for you' });
  });

  it('holds no place in the queue’s window while it waits', async () => {
    const { backend, asked, until } = await open({ depth: 1 });
    const behindQueue = queued(backend, { name: 'wasm', limit: 100 });
    expect(backend.window.size).toBe(1);
    for (let round = 0; round < 2; round++) {
      const calls = Array.from({ length: 10 }, () => textOf(behindQueue, callOf('relay', 'a/b')));
      await until(10);
      for (const { answer } of asked.splice(0)) answer(replied('all at once'));
      expect(await Promise.all(calls)).toEqual(Array(10).fill('200 all at once'));
    }
  });

  it('times out at its deadline without costing its lane, and what it asked for is called off', async () => {
    const { backend, watch, asked, until } = await open();
    const call = callOf('relay', 'a/b');
    const failure = failureOf(backend, call);
    await until(1);
    const { asking, answer } = asked[0]!;
    const calledOff = new Promise((resolve) => asking.signal.addEventListener('abort', resolve));
    call.stop('timeout');
    expect(await failure).toMatchObject({ code: 'timeout', begun: true });
    await calledOff;
    // Comes too late for anybody.
    answer(replied('late'));
    const next = textOf(backend, callOf('relay', 'a/b'));
    await until(2);
    asked[1]!.answer(replied('fine'));
    expect(await next).toBe('200 fine');
    expect(watch.restarts).toEqual(['timeout']);
  });

  it('whose caller hangs up may finish unheard, and may ask again', async () => {
    const { backend, watch, asked, until } = await open();
    const call = callOf('relay', 'a/b');
    const failure = failureOf(backend, call);
    await until(1);
    call.stop('cancelled');
    expect(await failure).toMatchObject({ code: 'cancelled', begun: true });
    const next = textOf(backend, callOf('relay', 'a/b'));
    await until(2);
    asked[1]!.answer(replied('fine'));
    expect(await next).toBe('200 fine');
    // By now its process has heard of it too.
    expect(asked[0]!.asking.signal.aborted).toBe(false);
    asked[0]!.answer(replied('unheard'));
    expect(watch.restarts).toEqual([]);
  });

  it('is over when its process is killed, and what it asked for is called off', async () => {
    const { backend, watch, asked, until } = await open();
    const failure = failureOf(backend, callOf('relay', 'a/b'));
    await until(1);
    process.kill(watch.pids[0]!, 'SIGKILL');
    expect(await failure).toMatchObject({ code: 'crashed', signal: 'SIGKILL' });
    expect(asked[0]!.asking.signal.aborted).toBe(true);
    asked[0]!.answer(replied('late'));
    const next = textOf(backend, callOf('relay', 'a/b'));
    await until(2);
    asked[1]!.answer(replied('fine'));
    expect(await next).toBe('200 fine');
  });
});
