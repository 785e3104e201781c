import { joined, numberBytes, Reader, sectionsOf } from '../../../adapters/wasm/parent/wasm-binary.js';

const CUSTOM = 0;
const FUNCTIONS = 3;
const CODE = 10;

/** A module with copies of its own functions behind them, so that it has about so many bytes; `mark` makes it one of a kind. */
export function grownModule(module: Uint8Array, bytes: number, mark: string): Uint8Array {
  const copies = Math.max(1, Math.round(bytes / module.length));
  const parts: ArrayLike<number>[] = [module.subarray(0, 8)];
  for (const { id, start, content, end } of sectionsOf(module)) {
    if (id !== FUNCTIONS && id !== CODE) {
      parts.push(module.subarray(start, end));
      continue;
    }
    const reader = new Reader(module, content);
    const count = reader.number();
    const items = module.subarray(reader.at, end);
    const repeated = joined([numberBytes(count * copies), ...Array.from({ length: copies }, () => items)]);
    parts.push([id], numberBytes(repeated.length), repeated);
  }
  const text = new TextEncoder().encode(mark);
  const name = [4, ...new TextEncoder().encode('mark')];
  return joined([...parts, [CUSTOM], numberBytes(name.length + text.length), name, text]);
}
