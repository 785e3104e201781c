import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import { declareAll, declareTypes } from '../native/declaring.js';
import { specOf } from '../native/libraries.js';
import { compileText } from '../native/stable-abi.js';

const GUIDE = readFileSync(fileURLToPath(new URL('../../docs/native-plugins.md', import.meta.url)), 'utf8');

/** The C functions of the guide's table that are called by a prototype, each under a name of its own, and their mapping. */
const FORMS = [...GUIDE.matchAll(/^\| `([^`]* \*?)f(\([^`]*\))`.*`args: ([^`]*)`, `result: ([^`]*)`/gm)].map(
  ([, returned = '', parameters = '', args = '', result = ''], row) => ({
    name: `f${row}`,
    prototype: `${returned}f${row}${parameters}`,
    mapping: `args: ${args}, result: ${result}`,
  }),
);

test('every form in the table of docs/native-plugins.md fits the C function beside it', async () => {
  expect(FORMS.length).toBeGreaterThanOrEqual(11);
  const library = compileText(`
    #include <stddef.h>
    #include <stdint.h>
    #include <stdlib.h>
    struct point { double x, y; };
    ${FORMS.map(({ prototype }) => `${prototype} { abort(); }`).join('\n')}`);
  const functions = declareAll(
    Object.fromEntries(
      FORMS.map(({ name, prototype, mapping }) => [name, `{ prototype: ${JSON.stringify(prototype)}, ${mapping} }`]),
    ),
  );
  const types = declareTypes('{ point: { x: double, y: double } }');
  const backend = await openNative()(specOf(library, functions, { types }), () => undefined);
  await backend.close();
});
