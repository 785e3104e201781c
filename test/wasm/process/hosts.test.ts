import { expect, it } from 'vitest';
import { answerHostCalls } from '#adapters/wasm/parent/host-calls.js';
import { hostGrant } from '#src/schema/host-grant.js';
import { answer, assemble, get, host, i32, i64, set } from '../assemble.js';
import { echo, serverOf } from '../egress/harness.js';
import { callOf, failureOf, specOf, textOf } from '../harness.js';
import { isolate } from './processes.js';

/** Asks for what its input says, in JSON, and answers with the body. */
const asking = assemble({
  functions: {
    body: [
      ...host('input_offset'),
      ...i64(0n),
      ...host('http_request'),
      ...set(0),
      ...get(0),
      0x1a,
      ...answer(0),
      ...i32(0),
    ],
  },
});

it('a guest in a process without network reaches the hosts that it is granted, by way of the gateway, and no others', async () => {
  const server = await serverOf((request, response) => {
    void echo(request).then((said) => response.end(said));
  });
  const { backend, watch } = await isolate(
    specOf(asking, ['body'], { hosts: [hostGrant.parse(`127.0.0.1:${server.port}`)] }),
    {
      answer: answerHostCalls(() => {
        throw new Error('nobody calls plugins here');
      }),
    },
  );
  expect(watch.states.at(-1)).toMatchObject({ containment: { network: 'none' } });
  const url = `http://127.0.0.1:${server.port}/path?x=1`;
  expect(await textOf(backend, callOf('body', JSON.stringify({ url, method: 'GET' })))).toContain('/path?x=1');
  const elsewhere = { url: 'http://127.0.0.1:1/', method: 'GET' };
  expect(await failureOf(backend, callOf('body', JSON.stringify(elsewhere)))).toMatchObject({ code: 'trapped' });
  expect(server.connections()).toBe(1);
  expect(watch.events.filter(({ type }) => type === 'egress')).toHaveLength(2);
});
