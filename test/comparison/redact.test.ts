import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redacted } from '#src/comparison/redact.js';

function redact(body: string | Uint8Array, ...pointers: string[]): string {
  return Buffer.from(redacted(typeof body === 'string' ? Buffer.from(body) : body, pointers)).toString();
}

describe('What is to be taken out of a body', () => {
  it.each([
    ['{"a":1,"b":2}', ['/a'], '{"a":"[redacted]","b":2}'],
    ['{"a": {"x":[1,"}"]} , "b":2}', ['/a'], '{"a": "[redacted]" , "b":2}'],
    ['{"id":9007199254740993,"n":1.50}', ['/x', '/n'], '{"id":9007199254740993,"n":"[redacted]"}'],
    ['[1,[2],{"a":3}]', ['/1', '/2/a'], '[1,"[redacted]",{"a":"[redacted]"}]'],
    ['[{"a":1},{"a":2,"b":2},{}]', ['/*/a'], '[{"a":"[redacted]"},{"a":"[redacted]","b":2},{}]'],
    ['{"x":{"a":1},"y":{"a":2}}', ['/*/a', '/y'], '{"x":{"a":"[redacted]"},"y":"[redacted]"}'],
    ['{"a":1,"a":2}', ['/a'], '{"a":"[redacted]","a":"[redacted]"}'],
    ['{"\\u0061":"secret"}', ['/a'], '{"\\u0061":"[redacted]"}'],
    ['{"a/b":{"~":true}}', ['/a~1b/~0'], '{"a/b":{"~":"[redacted]"}}'],
    ['{"__proto__":null}', ['/__proto__'], '{"__proto__":"[redacted]"}'],
    ['\ufeff{"a":1}', ['/a'], '\ufeff{"a":"[redacted]"}'],
    ['{"a":"\\"}","b":"é"}', ['/b'], '{"a":"\\"}","b":"[redacted]"}'],
    ['[]', ['/0', '/*'], '[]'],
    ['{}', ['/*'], '{}'],
    ['7', ['/a'], '7'],
    ['{"a":', ['/a'], '[redacted: no JSON]'],
    ['name=secret', ['/name'], '[redacted: no JSON]'],
    ['', ['/a'], '[redacted: no JSON]'],
    ['name=secret', [], 'name=secret'],
  ])('%s without %j is %s', (body, pointers, expected) => {
    expect(redact(body, ...pointers)).toBe(expected);
  });

  it('leaves nothing of it, and all that is beside it, in any document', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.json(), fc.integer({ min: 0, max: 2 }), (beside, secret, space) => {
        const document = JSON.stringify(
          { beside: JSON.parse(beside) as unknown, secret: [{ of: JSON.parse(secret) as unknown }] },
          null,
          space,
        );
        expect(JSON.parse(redact(document, '/secret/*/of'))).toEqual({
          beside: JSON.parse(beside) as unknown,
          secret: [{ of: '[redacted]' }],
        });
        expect(redact(document, '/nowhere/*')).toBe(document);
      }),
    );
  });

  it('is found however deep the document is', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(redact(`[{"a":${deep}},${deep}]`, '/0/a')).toBe(`[{"a":"[redacted]"},${deep}]`);
  });
});
