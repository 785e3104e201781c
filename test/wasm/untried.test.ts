import { renameSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/domain/backend.js';
import type { WasmSpec } from '#src/domain/plugin.js';
import { reservedMemories } from './address-space.js';
import { answer, assemble, block, i32, unreachable } from './assemble.js';
import { callOf, Events, failureOf, lanesOf, specOf, textOf } from './harness.js';

const READY = { state: 'ready', pids: [] };

/** Whose code is not valid, which only compiling it tells. */
const invalid = assemble({ functions: { run: [0x6a] } });
const saying = (text: string): Uint8Array =>
  assemble({ functions: { run: [...block(text, 0), ...answer(0), ...i32(0)] } });

/** Opens a backend that is left to its first call. */
async function openUntried(spec: WasmSpec): Promise<{ readonly backend: Backend; readonly events: Events }> {
  const events = new Events();
  const backend = await lanesOf({ lanes: 1, tryAtOnce: 0 }).open(spec, events.report);
  return { backend, events };
}

describe('of the backends that are opened at once', () => {
  it('the first are tried, the others are ready untried', async () => {
    const lanes = lanesOf({ lanes: 1, tryAtOnce: 2 });
    const events = Array.from({ length: 5 }, () => new Events());
    await Promise.all(events.map(({ report }) => lanes.open(specOf('vowels.wasm', ['count']), report)));
    expect(events.map(({ all }) => all.at(-1))).toEqual(
      [false, false, true, true, true].map((untried) => ({
        type: 'state',
        state: untried ? { ...READY, untried: true } : READY,
      })),
    );
  });

  it('later ones are tried again, one after the other', async () => {
    const lanes = lanesOf({ lanes: 1, tryAtOnce: 1 });
    for (let opened = 0; opened < 3; opened++) {
      const events = new Events();
      await lanes.open(specOf('vowels.wasm', ['count']), events.report);
      expect(events.all.at(-1)).toEqual({ type: 'state', state: READY });
    }
  });
});

describe('a backend that is untried', () => {
  it('is no longer so once its first call has ended, and has made no memory before', async () => {
    const before = reservedMemories();
    const { backend, events } = await openUntried(specOf('vowels.wasm', ['count']));
    expect(reservedMemories()).toBe(before);
    expect(events.all.at(-1)).toEqual({ type: 'state', state: { ...READY, untried: true } });
    const texts = Array.from({ length: 20 }, () => textOf(backend, callOf('count', 'hello world')));
    expect(new Set(await Promise.all(texts))).toEqual(new Set(['{"count":3}']));
    expect(events.all.slice(2)).toEqual([{ type: 'state', state: READY }]);
  });

  it('has been refused before for whatever can be told without compiling it', async () => {
    const spec = specOf(invalid, ['run', 'walk']);
    const lanes = lanesOf({ lanes: 1, tryAtOnce: 0 });
    await expect(lanes.open(spec, () => undefined)).rejects.toThrow(/no function export "walk".*: run/);
  });

  it('is refused by its first call when its code is not valid: this one and later ones are told why', async () => {
    const { backend, events } = await openUntried(specOf(invalid, ['run']));
    const failures = await Promise.all([failureOf(backend, callOf('run')), failureOf(backend, callOf('run'))]);
    for (const failure of [...failures, await failureOf(backend, callOf('run'))]) {
      expect(failure).toMatchObject({
        code: 'unavailable',
        detail: expect.stringMatching(
          /^the wasm backend was refused: module\.wasm does not compile: .*i32\.add/,
        ) as string,
      });
    }
    expect(events.all.slice(2)).toMatchObject([{ type: 'state', state: { state: 'refused' } }]);
  });

  it('whose start traps traps its first call', async () => {
    const spec = specOf(assemble({ functions: { run: i32(0) }, start: unreachable }), ['run']);
    const { backend } = await openUntried(spec);
    expect(await failureOf(backend, callOf('run'))).toMatchObject({
      code: 'trapped',
      detail: 'it could not be started: unreachable',
    });
  });

  it('runs what was hashed also when another file has taken its name meanwhile', async () => {
    const spec = specOf(saying('as hashed'), ['run']);
    const { backend } = await openUntried(spec);
    writeFileSync(`${spec.module.path}.new`, saying('newer'));
    renameSync(`${spec.module.path}.new`, spec.module.path);
    expect(await textOf(backend, callOf('run'))).toBe('as hashed');
  });

  it('does not run what somebody has written into its file', async () => {
    const spec = specOf(saying('as hashed'), ['run']);
    const { backend } = await openUntried(spec);
    writeFileSync(spec.module.path, saying('tampered!'));
    expect(await failureOf(backend, callOf('run'))).toMatchObject({
      code: 'unavailable',
      detail: expect.stringContaining('has changed since it was hashed') as string,
    });
  });

  it.each(['timeout', 'cancelled'] as const)('stops a call that waits for its compilation (%s)', async (stop) => {
    const { backend } = await openUntried(specOf('vowels.wasm', ['count']));
    const [call, other] = [callOf('count', 'aeiou'), callOf('count', 'aeiou')];
    const failure = failureOf(backend, call);
    const text = textOf(backend, other);
    call.stop(stop);
    expect(await failure).toMatchObject({ code: stop, begun: false });
    expect(await text).toBe('{"count":5}');
  });

  it('gives up its place in the queue while it is compiled', async () => {
    const { backend } = await openUntried(specOf('vowels.wasm', ['count']));
    const call = callOf('count', 'aeiou');
    const parked: boolean[] = [];
    call.onParked = (now) => void parked.push(now);
    expect(await textOf(backend, call)).toBe('{"count":5}');
    expect(parked).toEqual([true, false]);
  });

  it('that is closed before its first call, or during it, is unavailable', async () => {
    const { backend, events } = await openUntried(specOf('vowels.wasm', ['count']));
    const during = failureOf(backend, callOf('count', 'aeiou'));
    await backend.close();
    expect([await during, await failureOf(backend, callOf('count', 'aeiou'))]).toMatchObject([
      { code: 'unavailable', detail: 'the backend is closed' },
      { code: 'unavailable', detail: 'the backend is closed' },
    ]);
    expect(events.all.at(-1)).toEqual({ type: 'state', state: { state: 'unloaded' } });
  });
});

describe('a start that never ends', () => {
  const endless = assemble({ functions: { run: i32(0) }, start: [0x03, 0x40, 0x0c, 0x00, 0x0b] });

  it('holds up neither calls nor the start of others', async () => {
    const lanes = lanesOf({ lanes: 1, startWithinMs: 60_000 });
    let settled = 0;
    const starts = Promise.allSettled(
      [1, 2, 3].map(() => lanes.open(specOf(endless, ['run']), () => undefined).finally(() => settled++)),
    );
    const good = await lanes.open(specOf('vowels.wasm', ['count']), () => undefined);
    expect(await textOf(good, callOf('count', 'aeiou'))).toBe('{"count":5}');
    expect(settled).toBe(0);
    await lanes.close();
    await starts;
  });

  it('leaves those that nobody could try meanwhile to their first call', async () => {
    const lanes = lanesOf({ lanes: 1, startWithinMs: 1_500 });
    const starts = Promise.allSettled(
      Array.from({ length: 16 }, () => lanes.open(specOf(endless, ['run']), () => undefined)),
    );
    const events = new Events();
    const last = lanes.open(specOf('vowels.wasm', ['count']), events.report);
    await starts;
    expect(await textOf(await last, callOf('count', 'aeiou'))).toBe('{"count":5}');
    expect(events.all.at(-1)).toEqual({ type: 'state', state: READY });
  });
});
