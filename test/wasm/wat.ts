import loadWabt from 'wabt';

const wabt = await loadWabt();

/** A module from its text format, for what `assemble.ts` has no words for. */
export function wat(text: string): Uint8Array {
  const module = wabt.parseWat('test.wat', text);
  module.resolveNames();
  module.validate();
  const { buffer } = module.toBinary({});
  module.destroy();
  return buffer;
}
