import { describe, expect, it } from 'vitest';
import { compareNow, differ, json, reply } from './comparing.js';

/** Documents that mean the same. */
const SAME: readonly (readonly [string, string])[] = [
  ['1.0', '1'],
  ['1', '1e0'],
  ['100', '1E+2'],
  ['0.1', '0.10'],
  ['0', '-0.0'],
  ['1e-7', '0.0000001'],
  ['9007199254740993', '9007199254740993.000'],
  ['9007199254740993', '9.007199254740993e15'],
  ['123456789012345678901234567890', '1.2345678901234567890123456789e29'],
  ['1e400', '10e399'],
  ['0.30000000000000004', '3.0000000000000004e-1'],
  ['{"a":1,"b":2}', '{"b":2,"a":1}'],
  ['{"a":1}', '\n{ "a" :\t1 }\r\n'],
  ['"\\u00e9/"', '"é\\/"'],
  ['{"\\u0061":1}', '{"a":1}'],
  ['{"a":0,"a":1}', '{"a":1}'],
  ['\ufeff[1]', '[1]'],
  ['"\\ud800"', '"\\uD800"'],
  ['{"__proto__":{"a":1},"b":[]}', '{"b":[],"__proto__":{"a":1}}'],
  ['["\\u007f9007199254740993", 9007199254740993]', '["\\u007F9007199254740993",9007199254740993]'],
];

/** Documents that mean something else, and how. */
const DIFFERENT: readonly (readonly [string, string, readonly string[]])[] = [
  ['9007199254740993', '9007199254740992', ['value ']],
  ['[9007199254740993]', '[9007199254740992.0]', ['value /0']],
  ['{"id":12345678901234567890}', '{"id":12345678901234567891}', ['value /id']],
  ['{"id":9007199254740993}', '{"id":"9007199254740993"}', ['type /id']],
  ['["\\u007f9007199254740993"]', '[9007199254740993]', ['type /0']],
  ['0.1', '0.1000000000000000055511151231257827', ['value ']],
  ['0.1', '0.10000000000000001', ['value ']],
  ['1e400', '1e401', ['value ']],
  ['1e-400', '0', ['value ']],
  ['1', '-1', ['value ']],
  ['true', 'false', ['value ']],
  ['null', 'false', ['type ']],
  ['{}', '[]', ['type ']],
  ['{"a":null}', '{}', ['missing /a']],
  ['{}', '{"a":null}', ['extra /a']],
  ['{"a":1,"b":2}', '{"a":1,"c":2}', ['missing /b', 'extra /c']],
  ['{"a/b":{"~":1}}', '{"a/b":{"~":2}}', ['value /a~1b/~0']],
  ['{"":{"":1}}', '{"":{"":2}}', ['value //']],
  ['{"__proto__":1}', '{}', ['missing /__proto__']],
  ['{}', '{"__proto__":{}}', ['extra /__proto__']],
  ['{"constructor":1}', '{"toString":1}', ['missing /constructor', 'extra /toString']],
  ['{"a":[1,2,3]}', '{"a":[1,3,2]}', ['order /a']],
  ['[{"a":1},{"a":2}]', '[{"a":2},{"a":1}]', ['order ']],
  ['[1,2,2]', '[2,1,1]', ['value /0', 'value /1', 'value /2']],
  ['[1,2]', '[1,2,3]', ['length ']],
  ['[[1,2],[3]]', '[[1],[3]]', ['length /0']],
  ['"\\ud800"', '"\\ud801"', ['value ']],
  ['"a"', '"\\u0000a"', ['value ']],
];

/** Bytes that are no JSON: they are not the same as any others. */
const NO_JSON: readonly (readonly [string | Uint8Array, string | Uint8Array])[] = [
  ['', '{}'],
  ['{}', ''],
  ['{"a":1}', '{"a":1'],
  ['oops', 'ouch'],
  ['{9007199254740993:1}', '{"9007199254740993":1}'],
  ['[01234567890123456789]', '[1234567890123456789]'],
  ['[1.2345678901234567.8]', '[1]'],
  ['[12345678901234567e]', '[1]'],
  ['12345678901234567 12345678901234567', '12345678901234567'],
  ['NaN', 'null'],
  [Buffer.from('"\xff"', 'latin1'), Buffer.from('"\xfe"', 'latin1')],
  [Buffer.from('"\xff"', 'latin1'), '"\ufffd"'],
];

describe('JSON', () => {
  it.each(SAME)('%s is %s', (one, other) => {
    expect(differ(json(), one, other)).toEqual([]);
    expect(differ(json(), other, one)).toEqual([]);
  });

  it.each(DIFFERENT)('%s is not %s', (one, other, found) => {
    expect(differ(json(), one, other)).toEqual(found);
  });

  it.each(NO_JSON)('%s differs from %s as what is no JSON', (one, other) => {
    expect(differ(json(), one, other)).toEqual(['type ']);
  });

  it('shows the numbers in full, and says which side is no JSON', () => {
    expect(compareNow({ compare: json() }, reply('[9007199254740993]'), reply('[9007199254740992]'))).toEqual({
      result: 'mismatch',
      differences: [{ pointer: '/0', kind: 'value', legacy: '9007199254740993', wasm: '9007199254740992' }],
      omitted: 0,
    });
    expect(compareNow({ compare: json() }, reply('{"a":1}'), reply('oops')).differences).toEqual([
      { pointer: '', kind: 'type', legacy: '{"a":1}', wasm: 'no JSON: "oops"' },
    ]);
  });
});
