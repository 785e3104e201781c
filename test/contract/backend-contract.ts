import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Backend } from '#src/domain/backend.js';
import { bytesOf, callOf, callWithin, failureOf, textOf } from './calls.js';

/** What a subject's `open` must take for `outputLimit`. */
export const OUTPUT_LIMIT = 4 * 1024 * 1024;

export interface Subject {
  /**
   * Opens the `faulty` plugin with its functions echo, error, status, sleep and loop, on ONE executor (one child, one
   * lane), with {@link OUTPUT_LIMIT}. Every test opens its own.
   */
  readonly open: () => Promise<Backend>;
  /** Calls run inside `call`, to their end: nobody can stop one, or make another meanwhile. */
  readonly synchronous?: true;
}

/** What every adapter promises to the dispatcher, whatever it runs. */
export function describeBackendContract(name: string, subject: Subject): void {
  describe(`${name} keeps the contract of a backend:`, () => {
    const testStop: (name: string, run: () => Promise<void>) => void =
      subject.synchronous === true ? () => undefined : test;
    let backend: Backend;
    beforeEach(async () => {
      backend = await subject.open();
    });
    afterEach(() => backend.close());

    const echo = async (input: Uint8Array | string): Promise<Uint8Array> =>
      (await backend.call(callOf('echo', input))).output;

    test.each([
      ['text', Buffer.from('hello world')],
      ['nothing', new Uint8Array(0)],
      ['one byte', Uint8Array.of(0)],
      ['every byte there is', Uint8Array.from({ length: 256 }, (_, byte) => byte)],
      ['a part of a larger buffer', Buffer.from('<hello>').subarray(1, 6)],
      ['64 KiB', bytesOf(64 * 1024, 1)],
      ['1 MiB', bytesOf(1024 * 1024, 2)],
      ['a length that no power of two divides', bytesOf(1_000_003, 3)],
      ['as much as the limit allows', bytesOf(OUTPUT_LIMIT, 4)],
    ])('the function gets and gives %s byte for byte', async (_what, input) => {
      expect(Buffer.compare(await echo(input), input)).toBe(0);
    });

    test('many calls at once each get their own answer', async () => {
      let next = 0;
      const worker = async (): Promise<void> => {
        for (let seed = next++; seed < 2_000; seed = next++) {
          const input = bytesOf(seed % 3 === 0 ? seed * 11 : seed % 97, seed);
          expect(Buffer.compare(await echo(input), input)).toBe(0);
        }
      };
      await Promise.all(Array.from({ length: backend.window.size }, worker));
    });

    test('an answer is the receiver’s own, and the input stays as it was', async () => {
      const input = Buffer.from('mine');
      const first = await echo(input);
      first.fill(0x21);
      expect(input.toString()).toBe('mine');
      expect(textOf(await echo(input))).toBe('mine');
      expect(textOf(first)).toBe('!!!!');
    });

    test('an error of the plugin is plugin-error with what it said, and the next call is fine', async () => {
      const failure = await failureOf(backend.call(callOf('error', 'x')));
      expect(failure.code).toBe('plugin-error');
      expect(failure.detail).toContain('failed on purpose');
      expect(textOf(await echo('next'))).toBe('next');
    });

    test('a status without a word is plugin-error', async () => {
      expect(await failureOf(backend.call(callOf('status', 'x')))).toMatchObject({ code: 'plugin-error', status: 3 });
    });

    test('an output over the limit is output-too-large, and the next call is fine', async () => {
      const failure = await failureOf(backend.call(callOf('echo', bytesOf(OUTPUT_LIMIT + 1, 5))));
      expect(failure).toMatchObject({ code: 'output-too-large', limit: OUTPUT_LIMIT });
      expect(textOf(await echo('next'))).toBe('next');
    });

    testStop(
      'a function that never ends is stopped at its deadline; the calls behind it and after it are answered',
      async () => {
        await echo('warm');
        const endless = callWithin(backend, callOf('loop', 'x', 500));
        const behind = Array.from({ length: backend.window.size - 1 }, (_, seed) => {
          const input = bytesOf(100, seed);
          return echo(input).then((output) => Buffer.compare(output, input));
        });
        expect(await failureOf(endless)).toMatchObject({ code: 'timeout', begun: true });
        expect(await Promise.all(behind)).toEqual(behind.map(() => 0));
        expect(textOf(await echo('after'))).toBe('after');
      },
    );

    testStop('a deadline that passes before a call begins stops that call and no other', async () => {
      const slow = callOf('sleep', '300');
      const late = callOf('sleep', '1');
      const slept = backend.call(slow);
      const reply = backend.call(late);
      late.stop('timeout');
      expect(await failureOf(reply)).toMatchObject({ code: 'timeout', begun: false });
      expect(textOf((await slept).output)).toBe('slept');
    });

    testStop(
      'a caller that hangs up before its call begins is told so at once, and the call before it goes on',
      async () => {
        const slept = backend.call(callOf('sleep', '300'));
        const unwanted = callOf('loop', 'x');
        const reply = backend.call(unwanted);
        unwanted.stop('cancelled');
        expect(await failureOf(reply)).toMatchObject({ code: 'cancelled', begun: false });
        expect(textOf((await slept).output)).toBe('slept');
        // The endless loop was dropped: it would keep this one waiting.
        expect(textOf(await echo('next'))).toBe('next');
      },
    );

    testStop('a caller that hangs up while its call runs harms nobody else', async () => {
      const unheard = callOf('sleep', '1000');
      const reply = backend.call(unheard);
      const next = echo('next');
      setTimeout(() => unheard.stop('cancelled'), 50);
      expect(await failureOf(reply)).toMatchObject({ code: 'cancelled' });
      expect(textOf(await next)).toBe('next');
    });

    test('a call that nobody waits for any more is not begun', async () => {
      for (const stop of ['timeout', 'cancelled'] as const) {
        const call = callOf('loop', 'x');
        call.stop(stop);
        expect(await failureOf(backend.call(call))).toMatchObject({ code: stop, begun: false });
      }
      expect(textOf(await echo('next'))).toBe('next');
    });

    test('a function that the plugin lacks is refused', async () => {
      expect(await failureOf(backend.call(callOf('nowhere', 'x')))).toMatchObject({ code: 'unknown-function' });
      expect(await failureOf(backend.call(callOf('__proto__', 'x')))).toMatchObject({ code: 'unknown-function' });
    });

    test('after close every call is unavailable, and closing again is fine', async () => {
      await echo('x');
      await backend.close();
      expect(await failureOf(backend.call(callOf('echo', 'x')))).toMatchObject({ code: 'unavailable' });
      await backend.close();
    });

    testStop('closing answers the calls that are still inside', async () => {
      const inside = [callOf('loop', 'x'), callOf('echo', 'x')].map((call) => failureOf(backend.call(call)));
      await backend.close();
      expect((await Promise.all(inside)).map((failure) => failure.code)).toEqual(['unavailable', 'unavailable']);
    });
  });
}
