import { describe, expect, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import { type Problem, Refused } from '#src/domain/backend.js';
import type { NativeSpec } from '#src/domain/native.js';
import { compileText, PLUGIN, stableSpec } from './stable-abi.js';
import { Watch } from './watching.js';

const ABI = '/backends/legacy/abi';
const REQUIRES = '/backends/legacy/requires';

/** A plugin whose header says something else, by what is redefined after it. */
const lying = (definitions: string): string => `#include "banyan_plugin.h"\n${definitions}\n${PLUGIN}`;

async function refusal(source: string, over: Partial<NativeSpec>): Promise<readonly Problem[]> {
  const watch = new Watch();
  const spec = stableSpec(compileText(source), ['echo'], over);
  try {
    const backend = await openNative()(spec, watch.report);
    await backend.close();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    expect(watch.restarts).toEqual([]);
    return error.problems;
  }
  return [];
}

const LINE = {
  name: 'line',
  is: 'struct',
  fields: [
    { name: 'quantity', type: 'uint32_t' },
    { name: 'cents', type: 'int64_t' },
  ],
} as const;

const lines = (
  fields: string,
  rows = 'FIELD(struct line, quantity, BANYAN_UNSIGNED) FIELD(struct line, cents, BANYAN_SIGNED)',
) => lying(`struct line { ${fields} };\n#define TYPES(TYPE, FIELD) TYPE("line", struct line) ${rows}`);

const AT_LINE = '/backends/legacy/types/line';

describe('a library is refused, with what was expected and what was found, whose', () => {
  test.each<[string, string, Partial<NativeSpec>, readonly (readonly [string, string])[]]>([
    [
      'ABI is of another major version',
      lying('#undef BANYAN_ABI_MAJOR\n#define BANYAN_ABI_MAJOR 2'),
      {},
      [[ABI, 'ABI version: expected 1.x, found 2.1']],
    ],
    [
      'byte order is the other one',
      lying('#undef BANYAN_BYTE_ORDER\n#define BANYAN_BYTE_ORDER 0x04030201u'),
      {},
      [[ABI, 'byte order: expected little-endian, found big-endian']],
    ],
    [
      'name is not the plugin’s',
      `#define NAME "pricing"\n${PLUGIN}`,
      {},
      [[ABI, 'plugin: expected tariff, found pricing']],
    ],
    [
      'version is too old for what the manifest requires',
      PLUGIN,
      { abi: { requires: '^1.3' } },
      [[REQUIRES, 'version: expected ^1.3, found 1.2.0']],
    ],
    [
      'version is a first try of the one that is required',
      `#define VERSION "1.3.0-rc.1"\n${PLUGIN}`,
      { abi: { requires: '^1.3' } },
      [[REQUIRES, 'version: expected ^1.3, found 1.3.0-rc.1']],
    ],
    [
      'version is none',
      `#define VERSION "v1"\n${PLUGIN}`,
      { abi: { requires: '^1' } },
      [[ABI, 'version: expected a semantic version such as 1.4.0, found v1']],
    ],
    [
      'vtable has another required prefix',
      lying('#undef BANYAN_VTABLE_PREFIX\n#define BANYAN_VTABLE_PREFIX 5'),
      {},
      [[ABI, 'required fields of the vtable: expected 4, found 5']],
    ],
    [
      'functions lack one that the manifest names',
      `#define FUNCTIONS(FUNCTION) FUNCTION("say", echo) FUNCTION("again", echo)\n${PLUGIN}`,
      {},
      [['/backends/legacy/functions/echo', 'function echo: expected in its table, found say, again']],
    ],
    [
      'type has a field of another width',
      lines('uint64_t quantity; int64_t cents;'),
      { types: [LINE] },
      [[AT_LINE, 'size of line.quantity: expected 4, found 8']],
    ],
    [
      'type has its fields in another order',
      lines('int64_t cents; uint32_t quantity;'),
      { types: [LINE] },
      [
        [AT_LINE, 'offset of line.quantity: expected 0, found 8'],
        [AT_LINE, 'offset of line.cents: expected 8, found 0'],
      ],
    ],
    [
      'type is packed',
      lines('uint32_t quantity; int64_t cents; } __attribute__((packed)); struct unused { int x;'),
      { types: [LINE] },
      [
        [AT_LINE, 'size of line: expected 16, found 12'],
        [AT_LINE, 'alignment of line: expected 8, found 1'],
        [AT_LINE, 'offset of line.cents: expected 8, found 4'],
      ],
    ],
    [
      'type has a field of another kind',
      lines(
        'uint32_t quantity; double cents;',
        'FIELD(struct line, quantity, BANYAN_UNSIGNED) FIELD(struct line, cents, BANYAN_FLOATING)',
      ),
      { types: [LINE] },
      [[AT_LINE, 'kind of line.cents: expected signed, found floating']],
    ],
    [
      'type has fields more and fewer',
      lines(
        'uint32_t quantity; int64_t total;',
        'FIELD(struct line, quantity, BANYAN_UNSIGNED) FIELD(struct line, total, BANYAN_SIGNED)',
      ),
      { types: [LINE] },
      [
        [AT_LINE, 'line.cents: expected at offset 8, found nothing of that name'],
        [AT_LINE, 'line.total: expected nothing of that name, found it at offset 8'],
      ],
    ],
    [
      'types lack one that the manifest declares',
      PLUGIN,
      { types: [LINE] },
      [[AT_LINE, 'type line: expected among its types, found none']],
    ],
    [
      'own types are laid out otherwise',
      lying(
        'typedef struct { size_t length; uint8_t *data; } swapped;\n#undef BANYAN_OWN_TYPES\n' +
          '#define BANYAN_OWN_TYPES(TYPE, FIELD) TYPE("banyan_buffer", swapped) FIELD(swapped, data, BANYAN_POINTER)',
      ),
      {},
      [
        [ABI, 'type banyan_vtable: expected among its types, found none'],
        [ABI, 'type banyan_slice: expected among its types, found none'],
        [ABI, 'offset of banyan_buffer.data: expected 0, found 8'],
        [ABI, 'banyan_buffer.length: expected at offset 8, found nothing of that name'],
      ],
    ],
    [
      'manifest and descriptor differ in everything at once',
      `#define NAME "other"\n${PLUGIN}`,
      {
        abi: { requires: '>=9' },
        types: [LINE],
        functions: new Map([['total', { convention: 'stable', symbol: 'sum' }]]),
      },
      [
        [ABI, 'plugin: expected tariff, found other'],
        [REQUIRES, 'version: expected >=9, found 1.2.0'],
        [AT_LINE, 'type line: expected among its types, found none'],
        ['/backends/legacy/functions/total', 'function sum: expected in its table, found echo'],
      ],
    ],
    [
      'vtable has NULL where a function is required',
      `#define VTABLE create, destroy, NULL, NULL\n${PLUGIN}`,
      {},
      [[ABI, 'required fields of the vtable: expected functions, found NULL for free_output']],
    ],
    [
      'plugin cannot be created',
      PLUGIN.replace('return malloc(1);', 'return NULL;'),
      {},
      [[ABI, 'the plugin could not be created: it does not say why']],
    ],
  ])('%s', async (_whose, source, over, expected) => {
    expect(await refusal(source, over)).toEqual(expected.map(([pointer, message]) => ({ pointer, message })));
  });
});
