import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePrototype } from '#adapters/native/child/declared/c-prototype.js';

/** A prototype as koffi would be told: `result(parameters)`. */
function parsed(source: string): string {
  const prototype = parsePrototype(source);
  if (typeof prototype === 'string') return prototype;
  return `${prototype.result.koffi}(${prototype.parameters.map((type) => type.koffi).join(', ')})`;
}

test.each([
  ['int f(void)', 'int32_t()'],
  ['void f()', 'void()'],
  ['extern unsigned f(signed char a, unsigned char b, char c);', 'uint32_t(int8_t, uint8_t, int8_t)'],
  ['long unsigned int f(short int a, unsigned short b)', 'uint64_t(int16_t, uint16_t)'],
  ['long long f(unsigned long long int a, long int b)', 'int64_t(uint64_t, int64_t)'],
  ['_Bool f(float, double)', 'bool(float, double)'],
  ['size_t f(ssize_t a, intptr_t b, uint8_t c)', 'uint64_t(int64_t, int64_t, uint8_t)'],
  [
    'const char * const f(const char *restrict a, char **b, void *c, int d[3], const uint8_t e[])',
    'void *(void *, void *, void *, void *, void *)',
  ],
  ['  int\n  f\t( int\n a )  ;', 'int32_t(int32_t)'],
])('%s', (source, expected) => {
  expect(parsed(source)).toBe(expected);
});

describe('what it does not understand it says:', () => {
  test.each([
    ['int f(FILE *file)', 'FILE is not a type that is known here'],
    ['struct point f(int x)', 'struct point is not a type that is known here'],
    ['unsigned signed f(void)', 'unsigned signed is not a type'],
    ['long long long f(void)', 'long long long is not a type'],
    ['short double f(void)', 'short double is not a type'],
    ['int f(int a', 'expected ), found its end'],
    ['int (*f)(int)', "expected the function's name, found ("],
    ['int f(int (*callback)(int))', 'pointers to functions are not supported'],
    ['int f(int a, ...)', 'a variable number of arguments is not supported'],
    ['int f(int a); int g(int b)', 'something follows it: int'],
    ['int f(void, int a)', 'a parameter cannot be void'],
    ['int f(int a b)', 'expected ), found b'],
    ['f(int a)', 'f is not a type that is known here'],
    ['', 'its end is not a type that is known here'],
  ])('%s', (source, expected) => {
    expect(parsed(source)).toBe(expected);
  });
});

test('no text at all makes it throw', () => {
  const words = fc.constantFrom(
    'int',
    'long',
    'char',
    'f',
    '(',
    ')',
    ',',
    '*',
    '[',
    ']',
    ';',
    '...',
    'const',
    '7',
    'void',
    '“',
  );
  fc.assert(fc.property(fc.array(words, { maxLength: 20 }), (tokens) => void parsePrototype(tokens.join(' '))));
});
