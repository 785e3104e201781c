import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/domain/backend.js';
import type { Call } from '#src/domain/call.js';
import type { Lanes } from '#adapters/wasm/parent/lanes.js';
import { answer, assemble, equal32, forever, host, i32, i64, set, when } from './assemble.js';
import { callOf, Events, failureOf, FAULTY, lanesOf, specOf, textOf } from './harness.js';

const LETTER_L = 'L'.charCodeAt(0);

/** Logs its input, so that a test sees that it has begun; loops for ever if that starts with L; else answers it. */
const noting = assemble({
  functions: {
    note: [
      ...host('input_offset'),
      ...host('log_info'),
      ...when([...i64(0n), ...host('input_load_u8'), ...i32(LETTER_L), ...equal32], forever),
      ...host('input_offset'),
      ...set(0),
      ...answer(0),
      ...i32(0),
    ],
  },
});

interface Noting {
  readonly lanes: Lanes;
  readonly backend: Backend;
  readonly events: Events;
  /** Resolves when the call with this input has begun. */
  readonly begun: (input: string) => Promise<void>;
}

async function open(count: number): Promise<Noting> {
  const lanes = lanesOf({ lanes: count });
  const events = new Events();
  const backend = await lanes.open(specOf(noting, ['note']), events.report);
  return {
    lanes,
    backend,
    events,
    begun: (input) => events.until(() => events.lines().includes(`info: ${input}`)),
  };
}

const note = (input: string): Call => callOf('note', input);

/** How often a call ran, for good: once the lanes have ended, and everything that they logged has come. */
async function timesRun({ lanes, events }: Noting, input: string): Promise<number> {
  await lanes.close();
  return events.lines().filter((line) => line === `info: ${input}`).length;
}

describe('a deadline that passes', () => {
  it.each([1, 2])('while a call runs ends its lane, and harms none of those behind it (%i lanes)', async (count) => {
    const all = await open(count);
    const { backend, events, begun } = all;
    const loops = Array.from({ length: count }, (_, index) => note(`L${index}`));
    const failures = loops.map((call) => failureOf(backend, call));
    const inputs = Array.from({ length: 14 }, (_, index) => `behind ${index}`);
    const behind = inputs.map((input) => textOf(backend, note(input)));
    await Promise.all(loops.map((_, index) => begun(`L${index}`)));
    for (const call of loops) call.stop('timeout');
    for (const failure of await Promise.all(failures)) expect(failure).toMatchObject({ code: 'timeout', begun: true });
    expect(await Promise.all(behind)).toEqual(inputs);
    expect(events.restarts()).toEqual(loops.map(() => 'timeout'));
    for (const input of [...inputs, ...loops.map((_, index) => `L${index}`)])
      expect([input, await timesRun(all, input)]).toEqual([input, 1]);
  });

  it('in one lane leaves what another lane runs alone', async () => {
    const { lanes, backend, begun } = await open(2);
    const faulty = await lanes.open(specOf('faulty.wasm', FAULTY), () => undefined);
    const loop = note('L');
    const looping = failureOf(backend, loop);
    await begun('L');
    const slow = textOf(faulty, callOf('sleep', '200'));
    const quick = textOf(faulty, callOf('echo', 'after'));
    loop.stop('timeout');
    expect(await looping).toMatchObject({ code: 'timeout', begun: true });
    expect([await slow, await quick]).toEqual(['slept', 'after']);
  });

  it('before a call has begun takes it back, and kills nothing', async () => {
    const all = await open(1);
    const { backend, events, begun } = all;
    const loop = note('L');
    const looping = failureOf(backend, loop);
    await begun('L');
    const queued = note('queued');
    const taken = failureOf(backend, queued);
    queued.stop('timeout');
    expect(await taken).toMatchObject({ code: 'timeout', begun: false });
    expect(events.restarts()).toEqual([]);
    loop.stop('timeout');
    await looping;
    expect(await textOf(backend, note('next'))).toBe('next');
    expect(await timesRun(all, 'queued')).toBe(0);
  });

  it('before a lane looks at the call: the lane does not begin it', async () => {
    const all = await open(1);
    const { backend } = all;
    expect(await failureOf(backend, callOf('note', 'too late', -1))).toMatchObject({ code: 'timeout', begun: false });
    expect(await textOf(backend, note('next'))).toBe('next');
    expect(await timesRun(all, 'too late')).toBe(0);
  });

  it('before the call is handed over: it is not', async () => {
    const all = await open(1);
    const { backend } = all;
    const call = note('stopped');
    call.stop('timeout');
    expect(await failureOf(backend, call)).toMatchObject({ code: 'timeout', begun: false });
    expect(await timesRun(all, 'stopped')).toBe(0);
  });

  it('leaves the results of that lane that nobody has collected yet: small ones and large ones', async () => {
    const all = await open(1);
    const { lanes, backend } = all;
    const faulty = await lanes.open(specOf('faulty.wasm', FAULTY), () => undefined);
    const big = assemble({
      functions: { big: [...i64(100_000n), ...host('alloc'), ...set(0), ...answer(0), ...i32(0)] },
    });
    const large = await lanes.open(specOf(big, ['big']), () => undefined);
    const small = textOf(faulty, callOf('echo', 'small'));
    const sent = large.call(callOf('big'));
    const loop = note('L');
    const looping = failureOf(backend, loop);
    // Let the lane be woken, then keep this thread from hearing it for as long as it takes to begin the loop.
    await new Promise(setImmediate);
    const until = performance.now() + 300;
    while (performance.now() < until) continue;
    loop.stop('timeout');
    expect(await looping).toMatchObject({ code: 'timeout' });
    expect(await small).toBe('small');
    expect((await sent).output).toHaveLength(100_000);
    expect(await textOf(backend, note('next'))).toBe('next');
    expect(await timesRun(all, 'next')).toBe(1);
  });
});

describe('a caller that hangs up', () => {
  it('before its call has begun takes it back', async () => {
    const all = await open(1);
    const { backend, begun } = all;
    const loop = note('L');
    const looping = failureOf(backend, loop);
    await begun('L');
    const queued = note('queued');
    const taken = failureOf(backend, queued);
    queued.stop('cancelled');
    expect(await taken).toMatchObject({ code: 'cancelled', begun: false });
    loop.stop('timeout');
    await looping;
    expect(await textOf(backend, note('next'))).toBe('next');
    expect(await timesRun(all, 'queued')).toBe(0);
  });

  it('while its call runs is answered at once, and the call may finish', async () => {
    const { lanes, events } = await open(1);
    const faulty = await lanes.open(specOf('faulty.wasm', FAULTY), events.report);
    const slow = callOf('sleep', '100');
    const failure = failureOf(faulty, slow);
    const next = textOf(faulty, callOf('echo', 'next'));
    // The lane takes the older one first; once it has, hanging up comes too late to take it back.
    await new Promise(setImmediate);
    const until = performance.now() + 20;
    while (performance.now() < until) continue;
    slow.stop('cancelled');
    expect(await failure).toMatchObject({ code: 'cancelled' });
    expect(await next).toBe('next');
    expect(events.restarts()).toEqual([]);
  });

  it('from a call that never ends does not lose the lane: the deadline still holds', async () => {
    const { backend, events, begun } = await open(1);
    const loop = callOf('note', 'L', 1_000);
    const failure = failureOf(backend, loop);
    await begun('L');
    loop.stop('cancelled');
    expect(await failure).toMatchObject({ code: 'cancelled', begun: true });
    expect(events.restarts()).toEqual([]);
    expect(await textOf(backend, note('next'))).toBe('next');
    expect(events.restarts()).toEqual(['timeout']);
  });
});

describe('lanes', () => {
  it('run a call that is queued behind a long one as soon as any lane is free', async () => {
    const { backend, begun } = await open(2);
    const loop = note('L');
    const looping = failureOf(backend, loop);
    await begun('L');
    const inputs = Array.from({ length: 30 }, (_, index) => `other ${index}`);
    expect(await Promise.all(inputs.map((input) => textOf(backend, note(input))))).toEqual(inputs);
    loop.stop('timeout');
    await looping;
  });

  it('begin a backend’s first call before the backlog of another', async () => {
    const { lanes, backend, events, begun } = await open(1);
    const other = await lanes.open(specOf(noting, ['note']), events.report);
    const loop = note('L');
    const looping = failureOf(backend, loop);
    await begun('L');
    const backlog = Array.from({ length: 10 }, (_, index) => textOf(backend, note(`backlog ${index}`)));
    const others = Array.from({ length: 3 }, (_, index) => textOf(other, note(`other ${index}`)));
    loop.stop('timeout');
    await looping;
    await Promise.all([...backlog, ...others]);
    await lanes.close();
    const order = events.lines().slice(1);
    // In turns: each of the few comes after no more of the many than went with it.
    for (let index = 0; index < 3; index++)
      expect(order.indexOf(`info: other ${index}`)).toBeLessThanOrEqual(2 * index + 1);
    expect(order.filter((line) => line.startsWith('info: backlog'))).toEqual(
      backlog.map((_, index) => `info: backlog ${index}`),
    );
  });

  it('take more calls than their window has places, in order', async () => {
    const { lanes, backend, events } = await open(1);
    const inputs = Array.from({ length: 3 * lanes.window.size }, (_, index) => `call ${index}`);
    expect(await Promise.all(inputs.map((input) => textOf(backend, note(input))))).toEqual(inputs);
    await lanes.close();
    expect(events.lines()).toEqual(inputs.map((input) => `info: ${input}`));
  });

  it('carry bodies of every size there and back, byte for byte', async () => {
    const lanes = lanesOf({ lanes: 2 });
    const faulty = await lanes.open(specOf('faulty.wasm', ['echo']), () => undefined);
    const sizes = [0, 1, 7, 8, 31, 33, 16_383, 16_384, 16_385, 65_536, 1_000_003, 5_000_000];
    await Promise.all(
      [...sizes, ...sizes].map(async (size) => {
        const input = Buffer.alloc(size, 'every byte counts; ');
        const { output } = await faulty.call(callOf('echo', input));
        expect(Buffer.compare(output, input)).toBe(0);
      }),
    );
  });

  it('keep no more instances than they may, and make one again for a call', async () => {
    const lanes = lanesOf({ lanes: 1, memories: 8 });
    const opened = [];
    for (let index = 0; index < 6; index++)
      opened.push(await lanes.open(specOf('vowels.wasm', ['count']), () => undefined));
    for (const backend of [...opened, ...opened])
      expect(await textOf(backend, callOf('count', 'hello world'))).toBe('{"count":3}');
  });

  it('share one window among all backends', async () => {
    const { lanes, backend } = await open(2);
    const other = await lanes.open(specOf('vowels.wasm', ['count']), () => undefined);
    expect(other.window).toBe(backend.window);
    expect(lanes.window).toEqual({ size: 32, abreast: 2 });
  });

  it('reject what has not ended, and whatever comes, once they are closed', async () => {
    const { lanes, backend, begun } = await open(1);
    const looping = failureOf(backend, note('L'));
    await begun('L');
    const queued = failureOf(backend, note('queued'));
    await lanes.close();
    for (const failure of [await looping, await queued, await failureOf(backend, note('late'))])
      expect(failure).toMatchObject({ code: 'unavailable' });
  });
});

describe('a backend', () => {
  it('that is closed rejects later calls, and leaves the others alone', async () => {
    const { lanes, backend, events } = await open(1);
    const other = await lanes.open(specOf(noting, ['note']), () => undefined);
    expect(await textOf(backend, note('before'))).toBe('before');
    await backend.close();
    expect(await failureOf(backend, note('after'))).toMatchObject({ code: 'unavailable' });
    expect(await textOf(other, note('other'))).toBe('other');
    expect(events.all.at(-1)).toEqual({ type: 'state', state: { state: 'unloaded' } });
  });

  it('says where it stands', async () => {
    const { events } = await open(1);
    expect(events.all).toEqual([
      { type: 'state', state: { state: 'loading' } },
      { type: 'state', state: { state: 'ready', pids: [] } },
    ]);
  });

  it('keeps its state from call to call in one instance', async () => {
    const counting = assemble({
      memory: { minimum: 1 },
      // Adds one to the word at 0 and returns it, as a status.
      functions: { count: [...i32(0), ...i32(0), 0x28, 2, 0, ...i32(1), 0x6a, 0x36, 2, 0, ...i32(0), 0x28, 2, 0] },
    });
    const lanes = lanesOf({ lanes: 1 });
    const backend = await lanes.open(specOf(counting, ['count']), () => undefined);
    for (const status of [1, 2, 3]) expect(await failureOf(backend, callOf('count'))).toMatchObject({ status });
  });
});
