import { describe, expect, it } from 'vitest';
import { nestedBy } from '#src/dispatch/nested.js';
import { Call } from '#src/domain/call.js';
import type { Answer, CallRequest, Dispatcher } from '#src/domain/dispatch.js';
import type { Failure } from '#src/domain/failure.js';
import type { Reply } from '#src/domain/reply.js';

/** A dispatcher that answers as the test says, and keeps what it was asked for. */
function answering(result: Reply | Failure): { readonly dispatcher: Dispatcher; readonly requests: CallRequest[] } {
  const requests: CallRequest[] = [];
  const answer: Answer = { result, backend: 'legacy', reason: 'stage', revision: 1, queueMs: 0, callMs: 0 };
  return {
    requests,
    dispatcher: {
      find: () => ({ code: 'not-found', detail: '' }),
      dispatch(request) {
        requests.push(request);
        return { answer: Promise.resolve(answer), cancel: () => undefined };
      },
    },
  };
}

/** A call of `target`, made in the middle of one of each of `chain`, the outermost first. */
function callOf(target: string, ...chain: string[]): Call {
  const [plugin = '', name = ''] = target.split('/');
  const outer = chain.pop();
  return new Call({
    plugin,
    function: name,
    input: new Uint8Array(0),
    deadline: 1_000,
    requestId: 'the request',
    role: 'primary',
    key: 'tenant-a',
    caller: outer === undefined ? null : callOf(outer, ...chain),
  });
}

const OK: Reply = { output: Buffer.from('fine') };

async function outcome(target: string, caller: Call, result: Reply | Failure = OK): Promise<string> {
  const { status, output } = await nestedBy(answering(result).dispatcher)(target, new Uint8Array(0), caller).answer;
  return `${status} ${Buffer.from(output).toString()}`;
}

describe('a call that a plugin makes', () => {
  it('is dispatched like one from outside, with the request id and the key of the call that it is made in', async () => {
    const { dispatcher, requests } = answering(OK);
    const caller = callOf('cart/total');
    const input = Buffer.from('a line');
    expect((await nestedBy(dispatcher, () => 77)('pricing/quote', input, caller).answer).status).toBe(200);
    expect(requests).toEqual([
      {
        plugin: 'pricing',
        function: 'quote',
        input,
        receivedAt: 77,
        requestId: 'the request',
        key: 'tenant-a',
        forced: null,
        caller,
      },
    ]);
  });

  it('answers the output, and for a failure its status from outside and its words', async () => {
    expect(await outcome('pricing/quote', callOf('cart/total'))).toBe('200 fine');
    const timeout: Failure = { code: 'timeout', detail: 'too slow', begun: true };
    expect(await outcome('pricing/quote', callOf('cart/total'), timeout)).toBe('504 timeout: too slow');
    const unknown: Failure = { code: 'unknown-plugin', detail: 'no plugin is called pricing' };
    expect(await outcome('pricing/quote', callOf('cart/total'), unknown)).toBe(
      '404 unknown-plugin: no plugin is called pricing',
    );
  });

  it.each(['pricing', '', '/', 'pricing/', '/quote', 'pricing/quote/more'])(
    'to %j is a bad request',
    async (target) => {
      expect(await outcome(target, callOf('cart/total'))).toMatch(/^400 bad-request: /);
    },
  );

  it('to a function that waits for it is named as a cycle', async () => {
    expect(await outcome('cart/total', callOf('cart/total'))).toBe('508 cycle: cart/total -> cart/total');
    expect(await outcome('b/two', callOf('c/three', 'a/one', 'b/two'))).toBe(
      '508 cycle: a/one -> b/two -> c/three -> b/two',
    );
  });

  it('goes eight calls deep and no deeper', async () => {
    const chain = Array.from('abcdefgh', (name) => `${name}/f`);
    expect(await outcome('i/f', callOf(chain.pop()!, ...chain))).toBe('200 fine');
    const longer = Array.from('abcdefghi', (name) => `${name}/f`);
    expect(await outcome('j/f', callOf(longer.pop()!, ...longer))).toMatch(
      /^508 too deep: a\/f -> .* -> j\/f is more than 8 calls in a row$/,
    );
  });
});
