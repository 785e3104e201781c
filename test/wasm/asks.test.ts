import { describe, expect, it } from 'vitest';
import { queued } from '#src/dispatch/queue.js';
import type { Backend } from '#src/domain/backend.js';
import { AskingLanes, replied } from './asking.js';
import { callOf, Events, failureOf, specOf, textOf } from './harness.js';

interface Opened {
  readonly asking: AskingLanes;
  readonly relay: Backend;
  readonly faulty: Backend;
  readonly events: Events;
}

async function open(options: { readonly lanes: number; readonly standIns?: number }): Promise<Opened> {
  const asking = new AskingLanes(options);
  const events = new Events();
  const relay = await asking.lanes.open(specOf('relay.wasm', ['relay']), events.report);
  const faulty = await asking.lanes.open(specOf('faulty.wasm', ['echo', 'loop']), () => undefined);
  return { asking, relay, faulty, events };
}

const relay = (input: string, withinMs?: number) => callOf('relay', input, withinMs);

describe('a call that asks the gateway for something', () => {
  it('gets the answer, however long it is, and the next call asks anew', async () => {
    const { asking, relay: backend } = await open({ lanes: 1 });
    for (const length of [0, 1, 7, 100_000, 3_000_000]) {
      const reply = textOf(backend, relay('other/echo hello'));
      await asking.until(1);
      const [{ request, answer }] = asking.asked.splice(0) as [(typeof asking.asked)[0]];
      expect(request).toEqual({ kind: 'call', target: 'other/echo', input: new Uint8Array(Buffer.from('hello')) });
      answer(replied('x'.repeat(length)));
      expect(await reply).toBe(`200 ${'x'.repeat(length)}`);
    }
  });

  it('does not hold up the others: another lane works in its lane’s place', async () => {
    const { asking, relay: backend, faulty } = await open({ lanes: 2 });
    const waiting = ['a/b 1', 'a/b 2', 'a/b 3'].map((input) => textOf(backend, relay(input)));
    await asking.until(3);
    expect(await textOf(faulty, callOf('echo', 'meanwhile'))).toBe('meanwhile');
    for (const { request, answer } of asking.asked)
      answer(replied(request.kind === 'call' ? Buffer.from(request.input).toString() : ''));
    expect(await Promise.all(waiting)).toEqual(['200 1', '200 2', '200 3']);
  });

  it('is refused another call where no lane is left to run it, and waits for anything else where it is', async () => {
    const { asking, relay: backend, faulty } = await open({ lanes: 1, standIns: 0 });
    // The spare lane is the one stand-in that there is.
    const first = textOf(backend, relay('a/b'));
    await asking.until(1);
    expect(await textOf(backend, relay('a/b'))).toMatch(/^503 overloaded: too many calls wait/);
    expect(await textOf(faulty, callOf('echo', 'works'))).toBe('works');
    asking.asked[0]!.answer(replied('late'));
    expect(await first).toBe('200 late');
  });

  it('hands over 16 MiB at most, and is trapped with the sizes above that', async () => {
    const asking = new AskingLanes({ lanes: 1 });
    const spec = specOf('relay.wasm', ['relay'], { memory: 256 * 1024 * 1024 });
    const backend = await asking.lanes.open(spec, () => undefined);
    const most = 16 * 1024 * 1024;
    expect(await failureOf(backend, relay(`a/b ${'x'.repeat(most + 1)}`))).toEqual({
      code: 'trapped',
      detail: `banyan_call: ${most + 1} bytes are over the limit of ${most}`,
    });
    const reply = textOf(backend, relay(`a/b ${'x'.repeat(most)}`));
    await asking.until(1);
    asking.asked[0]!.answer(replied('fine'));
    expect(await reply).toBe('200 fine');
  });

  it('ends as trapped when it is refused, with the reason, and begins anew', async () => {
    const { asking, relay: backend, events } = await open({ lanes: 1 });
    const failure = failureOf(backend, relay('a/b'));
    await asking.until(1);
    asking.asked[0]!.answer({ kind: 'refused', why: 'a/b is not for you' });
    expect(await failure).toEqual({ code: 'trapped', detail: 'a/b is not for you' });
    expect(events.restarts()).toEqual(['trap']);
    const next = textOf(backend, relay('a/b'));
    await asking.until(2);
    asking.asked[1]!.answer(replied('fine'));
    expect(await next).toBe('200 fine');
  });

  it('times out at its deadline without costing its lane, and what it asked for is called off', async () => {
    const { asking, relay: backend, events } = await open({ lanes: 1, standIns: 0 });
    for (let round = 0; round < 5; round++) {
      const call = relay('a/b');
      const failure = failureOf(backend, call);
      await asking.until(round + 1);
      call.stop('timeout');
      expect(await failure).toMatchObject({ code: 'timeout', begun: true });
      const { asking: its, answer } = asking.asked[round]!;
      expect(its.signal.aborted).toBe(true);
      // Comes too late for anybody.
      answer(replied('late'));
    }
    expect(events.restarts()).toEqual(Array(5).fill('timeout'));
    const next = textOf(backend, relay('a/b'));
    await asking.until(6);
    asking.asked[5]!.answer(replied('fine'));
    expect(await next).toBe('200 fine');
  });

  it('whose caller hangs up may finish unheard, and gets its answer', async () => {
    const { asking, relay: backend, events } = await open({ lanes: 1 });
    const call = relay('a/b');
    const failure = failureOf(backend, call);
    await asking.until(1);
    call.stop('cancelled');
    expect(await failure).toMatchObject({ code: 'cancelled', begun: true });
    expect(asking.asked[0]!.asking.signal.aborted).toBe(false);
    asking.asked[0]!.answer(replied('unheard'));
    const next = textOf(backend, relay('a/b'));
    await asking.until(2);
    asking.asked[1]!.answer(replied('fine'));
    expect(await next).toBe('200 fine');
    expect(events.restarts()).toEqual([]);
  });

  it('is unavailable when its backend is closed meanwhile', async () => {
    const { asking, relay: backend } = await open({ lanes: 1 });
    const failure = failureOf(backend, relay('a/b'));
    await asking.until(1);
    await backend.close();
    expect(await failure).toMatchObject({ code: 'unavailable' });
    asking.asked[0]!.answer(replied('late'));
  });

  it('holds no place in the queue’s window while it waits', async () => {
    const asking = new AskingLanes({ lanes: 1, depth: 1 });
    const spec = specOf('relay.wasm', ['relay']);
    const backend = queued(await asking.lanes.open(spec, () => undefined), { name: 'wasm', limit: 100 });
    expect(backend.window.size).toBe(1);
    const calls = Array.from({ length: 10 }, () => textOf(backend, relay('a/b')));
    await asking.until(10);
    for (const { answer } of asking.asked.splice(0)) answer(replied('all at once'));
    expect(await Promise.all(calls)).toEqual(Array(10).fill('200 all at once'));
    // And has it again afterwards: the window lets one in at a time.
    const again = Array.from({ length: 3 }, () => textOf(backend, relay('a/b')));
    await asking.until(3);
    for (const { answer } of asking.asked) answer(replied('again'));
    expect(await Promise.all(again)).toEqual(Array(3).fill('200 again'));
  });

  it('a thousand times over, with stand-ins coming and going, always gets its own answer', async () => {
    const { asking, relay: backend } = await open({ lanes: 2, standIns: 4 });
    const calls = Array.from({ length: 1_000 }, (_, index) => textOf(backend, relay(`a/b ${index}`)));
    let answered = 0;
    const answerAll = setInterval(() => {
      for (const { request, answer } of asking.asked.splice(0).reverse()) {
        answered += 1;
        if (request.kind === 'call') answer(replied(Buffer.from(request.input).toString()));
      }
    }, 1);
    const texts = await Promise.all(calls);
    clearInterval(answerAll);
    const refused = texts.filter((text) => text.startsWith('503 overloaded')).length;
    expect(answered + refused).toBe(1_000);
    texts.forEach((text, index) => expect(text).toMatch(new RegExp(`^(200 ${index}|503 overloaded: .*)$`)));
  });
});
