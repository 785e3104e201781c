import { describe, expect, it } from 'vitest';
import type { Ended } from '#src/domain/comparison.js';
import { isErrorReply } from '#src/comparison/error-reply.js';
import { compareNow, json, reply } from './comparing.js';

const CRASHED: Ended = { code: 'crashed', detail: 'by SIGSEGV', signal: 'SIGSEGV' };
const TRAPPED: Ended = { code: 'trapped', detail: 'unreachable' };
const STATUS = { pointer: '/status', equals: 'error' };

describe('Sides that fail', () => {
  it.each<[string, Ended, Ended, string]>([
    ['both with the same code', CRASHED, { code: 'crashed', detail: 'by SIGBUS' }, 'both-failed'],
    ['legacy alone', CRASHED, reply(''), 'legacy-failed'],
    ['wasm alone', reply(''), TRAPPED, 'wasm-failed'],
  ])('%s', (_, legacy, wasm, result) => {
    expect(compareNow({}, legacy, wasm)).toEqual({ result, differences: [], omitted: 0 });
  });

  it('in different ways do not match', () => {
    expect(compareNow({}, CRASHED, TRAPPED)).toEqual({
      result: 'mismatch',
      differences: [{ pointer: '', kind: 'value', legacy: 'crashed', wasm: 'trapped' }],
      omitted: 0,
    });
  });
});

describe('A reply that shows an error as the manifest declares it', () => {
  const given = { compare: json({ ignore: ['/at'] }), error: STATUS };
  const error = (rest = '') => reply(`{"status":"error"${rest}}`);

  it('is a failure of its side', () => {
    expect(compareNow(given, error(), reply('{"status":"ok"}')).result).toBe('legacy-failed');
    expect(compareNow(given, reply('{"status":"ok"}'), error()).result).toBe('wasm-failed');
  });

  it('on both sides is compared by the rule', () => {
    expect(compareNow(given, error(), error()).result).toBe('both-failed');
    expect(compareNow(given, error(',"at":1'), error(',"at":2')).result).toBe('both-failed');
    expect(compareNow(given, error(',"why":1'), error(',"why":2'))).toMatchObject({
      result: 'mismatch',
      differences: [{ pointer: '/why', kind: 'value' }],
    });
  });

  it('is no match for a failure without a reply', () => {
    expect(compareNow(given, error(), TRAPPED)).toMatchObject({
      result: 'mismatch',
      differences: [{ legacy: 'an error reply: {"status":"error"}', wasm: 'trapped' }],
    });
  });

  it.each([
    ['{"status":"error"}', STATUS, true],
    ['{"st\\u0061tus":"\\u0065rror"}', STATUS, true],
    ['{"status":"ok","x":{"status":"error"}}', STATUS, false],
    ['{"x":1}', STATUS, false],
    ['status error', STATUS, false],
    ['', STATUS, false],
    ['null', STATUS, false],
    ['"status"', STATUS, false],
    ['{"a/b":[{"code":-1.0}]}', { pointer: '/a~1b/0/code', equals: -1 }, true],
    ['{"a/b":{"00":{"code":-1}}}', { pointer: '/a~1b/0/code', equals: -1 }, false],
    ['[7]', { pointer: '/0', equals: 7 }, true],
    ['[7]', { pointer: '/00', equals: 7 }, false],
    ['[7]', { pointer: '/length', equals: 1 }, false],
    ['{"length":1}', { pointer: '/length', equals: 1 }, true],
    ['{"ok":false}', { pointer: '/ok', equals: false }, true],
    ['{"ok":null}', { pointer: '/ok', equals: null }, true],
    ['{}', { pointer: '/ok', equals: null }, false],
    ['{}', { pointer: '/__proto__', equals: null }, false],
  ])('%s with %j: %s', (output, declared, expected) => {
    expect(isErrorReply({ error: declared }, Buffer.from(output))).toBe(expected);
  });

  it('is none without a declaration', () => {
    expect(isErrorReply({ error: null }, Buffer.from('{"status":"error"}'))).toBe(false);
  });
});
