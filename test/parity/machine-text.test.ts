import { expect, it } from 'vitest';
import { machineText } from '#src/parity/machine-text.js';

it('JSON for machines has no control characters, and says what the value is', () => {
  const value = {
    text: Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)).join(''),
    half: '\ud800',
  };
  const text = machineText(value);
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  expect(JSON.parse(text)).toEqual(value);
});
