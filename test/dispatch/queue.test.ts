import { queued } from '#src/dispatch/queue.js';
import { describe, expect, it } from 'vitest';
import { Call } from '#src/domain/call.js';
import { call, scriptedBackend, settled, type ScriptedBackend } from '../scripted-backend.js';

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

describe('mirrored calls', () => {
  const mirrored = (name: string): Call =>
    new Call({
      plugin: 'p',
      function: name,
      input: new Uint8Array(),
      deadline: Infinity,
      requestId: name,
      role: 'shadow',
    });
  const names = (inner: ScriptedBackend): string[] => inner.held.map((each) => each.call.function);

  it('run one at a time, leaving places to those that somebody waits for', async () => {
    const inner = scriptedBackend({ size: 3 });
    const backend = queued(inner, { name: 'wasm', limit: 10 });
    const replies = [mirrored('m1'), mirrored('m2'), call('a'), call('b')].map((each) => backend.call(each));
    expect(names(inner)).toEqual(['m1', 'a', 'b']);
    inner.held[0]!.reply('');
    await settled();
    expect(names(inner)).toEqual(['a', 'b', 'm2']);
    while (inner.held.length > 0) inner.held[0]!.reply('');
    await Promise.all(replies);
  });

  it('come after all that wait, also those that came later', async () => {
    const inner = scriptedBackend({ size: 1 });
    const backend = queued(inner, { name: 'wasm', limit: 10 });
    const replies = [call('a'), mirrored('m'), call('b'), call('c')].map((each) => backend.call(each));
    const order: string[] = [];
    while (inner.held.length > 0) {
      order.push(...names(inner));
      inner.held[0]!.reply('');
      await settled();
    }
    await Promise.all(replies);
    expect(order).toEqual(['a', 'b', 'c', 'm']);
  });

  it('take all but one of what runs abreast', () => {
    const inner = scriptedBackend({ size: 8, abreast: 4 });
    const backend = queued(inner, { name: 'wasm', limit: 10 });
    for (const name of ['m1', 'm2', 'm3', 'm4', 'm5']) void backend.call(mirrored(name));
    expect(names(inner)).toEqual(['m1', 'm2', 'm3']);
  });
});
