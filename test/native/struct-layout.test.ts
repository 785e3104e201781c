import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { roundUp } from '#adapters/native/child/declared/layout.js';
import { tabulateTypes } from '#adapters/native/child/declared/type-table.js';
import { openNative } from '#adapters/native/open.js';
import type { Backend, Problem } from '#src/domain/backend.js';
import type { NativeType } from '#src/domain/native-function.js';
import { callOf, textOf } from '../contract/calls.js';
import { declare } from './declaring.js';
import { scratch, specOf } from './libraries.js';

/** A field: its C type, how many of it (0: one, and no array), and its values. */
interface Field {
  readonly type: string;
  readonly length: number;
  readonly value: fc.Arbitrary<unknown>;
}

/** The C compiler is asked once for so many structs. */
const STRUCTS = 25;

const big = (min: bigint, max: bigint) =>
  fc.bigInt({ min, max }).map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value)));

const SCALARS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  int8_t: fc.integer({ min: -128, max: 127 }),
  uint8_t: fc.integer({ min: 0, max: 255 }),
  short: fc.integer({ min: -32768, max: 32767 }),
  'unsigned short': fc.integer({ min: 0, max: 65535 }),
  int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  uint32_t: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  'long long': big(-(2n ** 63n), 2n ** 63n - 1n),
  size_t: big(0n, 2n ** 64n - 1n),
  bool: fc.boolean(),
  // A -0 is 0 in JSON.
  float: fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  'const char *': fc.option(fc.string({ unit: 'grapheme', maxLength: 40 }).map(withoutNul), { nil: null }),
};

const text = (length: number) =>
  fc
    .string({ unit: 'grapheme', maxLength: length })
    .map(withoutNul)
    .filter((value) => Buffer.byteLength(value) < length);

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.constantFrom(...Object.entries(SCALARS)).map(([type, value]) => ({ type, length: 0, value })),
  fc
    .tuple(fc.constantFrom(...Object.entries(SCALARS)), fc.integer({ min: 1, max: 5 }))
    .map(([[type, value], length]) => ({ type, length, value: exactly(value, length) })),
  fc.integer({ min: 1, max: 20 }).map((length) => ({ type: 'char', length, value: text(length) })),
);

/** A struct of some of these, and of structs before it: -1 and -2 stand for the one and the two before. */
const struct = fc.tuple(fc.array(field, { minLength: 1, maxLength: 7 }), fc.constantFrom(0, -1, -2), fc.nat(3));

interface Struct {
  readonly name: string;
  readonly fields: readonly (Field & { readonly name: string })[];
  readonly value: fc.Arbitrary<unknown>;
}

const structs = fc.array(struct, { minLength: STRUCTS, maxLength: STRUCTS }).map((drawn) => {
  const made: Struct[] = [];
  for (const [index, [own, back, length]] of drawn.entries()) {
    const inner = back === 0 ? undefined : made[index + back];
    const fields = own.map((each, at) => ({ ...each, name: `f${at}` }));
    if (inner !== undefined) {
      const value = length === 0 ? inner.value : exactly(inner.value, length);
      fields.splice(index % (own.length + 1), 0, { name: 'inner', type: inner.name, length, value });
    }
    const value = fc.record(Object.fromEntries(fields.map((each) => [each.name, each.value])));
    made.push({ name: `s${index}`, fields, value });
  }
  return made;
});

function exactly(value: fc.Arbitrary<unknown>, length: number): fc.Arbitrary<unknown> {
  return fc.array(value, { minLength: length, maxLength: length });
}

function withoutNul(value: string): string {
  return value.replaceAll('\0', '0');
}

const declared = ({ type, length }: Field): string => (length === 0 ? type : `${type}[${length}]`);
const typesOf = (all: readonly Struct[]): NativeType[] =>
  all.map(({ name, fields }) => ({
    name,
    is: 'struct',
    fields: fields.map((each) => ({ name: each.name, type: declared(each) })),
  }));

const inC = (all: readonly Struct[]): string =>
  all
    .map(({ name, fields }) => {
      const members = fields.map(
        (each) => `  ${each.type} ${each.name}${each.length === 0 ? '' : `[${each.length}]`};`,
      );
      return `typedef struct ${name} {\n${members.join('\n')}\n} ${name};`;
    })
    .join('\n');

const INCLUDES = '#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n';

test('structs are laid out as the C compiler lays them out', () => {
  const folder = scratch();
  fc.assert(
    fc.property(structs, (all) => {
      const lines = all.flatMap(({ name, fields }) => [
        `printf("${name} %zu %zu\\n", sizeof(${name}), _Alignof(${name}));`,
        ...fields.map(
          (each) =>
            `printf("${name}.${each.name} %zu %zu\\n", offsetof(${name}, ${each.name}), sizeof(((${name} *)0)->${each.name}));`,
        ),
      ]);
      writeFileSync(join(folder, 'layout.c'), `${INCLUDES}${inC(all)}\nint main(void) { ${lines.join('\n')} }`);
      execFileSync('cc', ['-o', join(folder, 'layout'), join(folder, 'layout.c')]);
      const expected = execFileSync(join(folder, 'layout'), { encoding: 'utf8' });

      const problems: Problem[] = [];
      const { layouts } = tabulateTypes(typesOf(all), problems);
      const found = [...layouts.values()].flatMap((layout) => [
        `${layout.name} ${layout.size} ${layout.alignment}\n`,
        ...layout.fields.map((each) => `${layout.name}.${each.name} ${each.offset} ${each.size}\n`),
      ]);
      expect(problems).toEqual([]);
      expect(found.join('')).toBe(expected);
    }),
    { numRuns: 4 },
  );
});

const opened: Backend[] = [];
afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
});

test('any value of a struct comes back from C as it was', async () => {
  await fc.assert(
    fc.asyncProperty(
      structs.chain((all) => fc.tuple(fc.constant(all), fc.tuple(...all.map(({ value }) => exactly(value, 4))))),
      async ([all, values]) => {
        const folder = scratch();
        const source = join(folder, 'echo.c');
        const path = join(folder, 'libecho.so');
        const echoes = all.map(({ name }) => `void echo_${name}(const ${name} *in, ${name} *out) { *out = *in; }`);
        writeFileSync(source, `${INCLUDES}${inC(all)}\n${echoes.join('\n')}`);
        execFileSync('cc', ['-shared', '-fPIC', '-o', path, source]);
        const functions = all.map(({ name }) => {
          const prototype = `void echo_${name}(const struct ${name} *in, ${name} *out)`;
          return [
            name,
            declare(`{ prototype: "${prototype}", args: [/in, { out: /out }], result: { as: none } }`),
          ] as const;
        });
        const spec = specOf(path, Object.fromEntries(functions), { types: typesOf(all) });
        const backend = await openNative()(spec, () => undefined);
        opened.push(backend);
        for (const [index, { name }] of all.entries()) {
          for (const value of values[index] as readonly unknown[]) {
            const reply = await backend.call(callOf(name, JSON.stringify({ in: value })));
            expect(JSON.parse(textOf(reply.output))).toEqual({ out: value });
          }
        }
      },
    ),
    { numRuns: 3 },
  );
});

test.each([
  [0, 16, 0],
  [1, 16, 16],
  [32, 16, 32],
  [2 ** 31 - 1, 16, 2 ** 31],
  [2 ** 32 + 1, 16, 2 ** 32 + 16],
])('%d bytes are rounded up to a multiple of %d: %d', (bytes, to, expected) => {
  expect(roundUp(bytes, to)).toBe(expected);
});
