import { interfaceOf } from './module-interface.js';
import { joined, numberBytes, Reader, sectionsOf } from './wasm-binary.js';

const EXPORTS = 7;
const MEMORY = 0x02;

/** Sections that come after the exports; custom ones may stand anywhere. */
const AFTER_EXPORTS = [8, 9, 10, 11, 12];

/**
 * The same module with its memory among its exports, so that the lane can count it: a memory that nobody sees would be
 * outside the limit. Most modules export theirs, and come back as they are.
 */
export function exposeMemory(module: Uint8Array): Uint8Array {
  const { imports, exports, memories } = interfaceOf(module);
  // Imported memories come first, and are counted where they are exported from.
  const own = imports.filter(({ kind }) => kind === 'memory').length;
  if (memories === 0 || exports.some(({ kind, index }) => kind === 'memory' && index === own)) return module;

  let name = 'memory';
  while (exports.some((entry) => entry.name === name)) name += '_';
  const bytes = new TextEncoder().encode(name);
  const entry = [...numberBytes(bytes.length), ...bytes, MEMORY, ...numberBytes(own)];

  const sections = sectionsOf(module);
  const present = sections.find(({ id }) => id === EXPORTS);
  if (present === undefined) {
    const at = sections.find(({ id }) => AFTER_EXPORTS.includes(id))?.start ?? module.length;
    return joined([module.subarray(0, at), sectionOf([...numberBytes(1), ...entry]), module.subarray(at)]);
  }
  const reader = new Reader(module, present.content);
  const count = reader.number();
  const before = module.subarray(reader.at, present.end);
  return joined([
    module.subarray(0, present.start),
    sectionOf(joined([numberBytes(count + 1), before, entry])),
    module.subarray(present.end),
  ]);
}

function sectionOf(content: ArrayLike<number>): Uint8Array {
  return joined([[EXPORTS], numberBytes(content.length), content]);
}
