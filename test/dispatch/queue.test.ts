import { queued } from '#src/dispatch/queue.js';
import { describe, expect, it } from 'vitest';
import { call, scriptedBackend, settled } from '../scripted-backend.js';

describe('queued', () => {
  it('hands over as many calls as the window takes, and the rest as places get free, first come first served', async () => {
    const inner = scriptedBackend({ size: 2 });
    const backend = queued(inner, { name: 'legacy', limit: 10 });
    const replies = ['a', 'b', 'c', 'd'].map((name) => backend.call(call(name)));
    expect(inner.held.map((each) => each.call.function)).toEqual(['a', 'b']);
    inner.held[1]!.reply('B');
    await settled();
    expect(inner.held.map((each) => each.call.function)).toEqual(['a', 'c']);
    while (inner.held.length > 0) {
      inner.held[0]!.reply(inner.held[0]!.call.function.toUpperCase());
      await settled();
    }
    expect((await Promise.all(replies)).map(({ output }) => Buffer.from(output).toString())).toEqual([
      'A',
      'B',
      'C',
      'D',
    ]);
  });

  it('answers overloaded when the queue is full, and takes calls again when it is not', async () => {
    const inner = scriptedBackend({ size: 1 });
    const backend = queued(inner, { name: 'wasm', limit: 1 });
    const first = backend.call(call('first'));
    const second = backend.call(call('second'));
    await expect(backend.call(call('third'))).rejects.toMatchObject({
      failure: { code: 'overloaded', retryAfterMs: 1000 },
      backend: 'wasm',
    });
    inner.held[0]!.reply('');
    await first;
    const fourth = backend.call(call('fourth'));
    inner.held[0]!.reply('');
    await second;
    inner.held[0]!.reply('');
    await fourth;
  });

  it.each(['timeout', 'cancelled'] as const)(
    'drops a waiting call that is stopped (%s) without handing it over',
    async (stop) => {
      const inner = scriptedBackend({ size: 1 });
      const backend = queued(inner, { name: 'legacy', limit: 10 });
      const running = backend.call(call('running'));
      const waiting = call('waiting');
      const waits = backend.call(waiting);
      waiting.stop(stop);
      await expect(waits).rejects.toMatchObject({ failure: { code: stop, begun: false } });
      expect(waiting.handedOverAt).toBeNaN();
      inner.held[0]!.reply('');
      await running;
      expect(inner.held).toEqual([]);
    },
  );

  it('a failed call frees its place like any other', async () => {
    const inner = scriptedBackend({ size: 1 });
    const backend = queued(inner, { name: 'legacy', limit: 10 });
    const fails = backend.call(call('fails'));
    const next = backend.call(call('next'));
    inner.held[0]!.fail({ code: 'trapped', detail: '' });
    await expect(fails).rejects.toThrow('trapped');
    inner.held[0]!.reply('ok');
    await next;
  });

  it('backends that share an executor share its places, and take turns for them', async () => {
    const window = { size: 1 };
    const [greedy, modest] = [scriptedBackend(window), scriptedBackend(window)];
    const [many, one] = [queued(greedy, { name: 'wasm', limit: 100 }), queued(modest, { name: 'wasm', limit: 100 })];
    const all = [...Array(10).keys()].map((index) => many.call(call(`greedy-${index}`)));
    all.push(one.call(call('modest')));
    expect(modest.held).toEqual([]);
    greedy.held[0]!.reply('');
    await settled();
    greedy.held[0]?.reply('');
    await settled();
    expect(modest.held).toHaveLength(1);
    for (let left = 20; left > 0; left--) {
      [...greedy.held, ...modest.held][0]?.reply('');
      await settled();
    }
    await Promise.all(all);
  });
});
