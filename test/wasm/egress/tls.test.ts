import { describe, expect, it, onTestFinished } from 'vitest';
import { CERTIFICATE } from './certificate.js';
import { egressOf, serverOf, textOf } from './harness.js';

const secure = () => serverOf((_, response) => response.end('hello'), { secure: true });
const names = { localhost: ['127.0.0.1'] };

describe('Over TLS', () => {
  it('a server with a certificate that is trusted is reached, and its connection kept', async () => {
    const { port, connections } = await secure();
    const { ask } = egressOf([`https://localhost:${port}`], { names, ca: CERTIFICATE });
    for (let time = 0; time < 2; time++) expect(textOf(await ask(`https://localhost:${port}/`))).toBe('hello');
    expect(connections()).toBe(1);
  });

  it('a server that signed itself is refused, also where the environment would allow it', async () => {
    const { port } = await secure();
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    onTestFinished(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    });
    for (const allowed of ['1', '0']) {
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = allowed;
      const { ask, outcomes } = egressOf([`localhost:${port}`], { names });
      expect(await ask(`https://localhost:${port}/`)).toEqual({
        kind: 'refused',
        why: `no secure connection to https://localhost:${port} could be made (DEPTH_ZERO_SELF_SIGNED_CERT)`,
      });
      expect(outcomes).toEqual(['failed']);
    }
  });

  it('a server with the certificate of another name is refused', async () => {
    const { port } = await secure();
    const { ask } = egressOf([`127.0.0.1:${port}`], { ca: CERTIFICATE });
    expect(await ask(`https://127.0.0.1:${port}/`)).toEqual({
      kind: 'refused',
      why: `no secure connection to https://127.0.0.1:${port} could be made (ERR_TLS_CERT_ALTNAME_INVALID)`,
    });
  });

  it('a server that speaks none is refused', async () => {
    const { port } = await serverOf((_, response) => response.end('hello'));
    expect(await egressOf([`127.0.0.1:${port}`]).ask(`https://127.0.0.1:${port}/`)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining(`no secure connection to https://127.0.0.1:${port} could be made`) as string,
    });
  });
});
