import type { Descriptor } from '../../abi/descriptor.js';
import { VTABLE_SYMBOL } from '../../abi/vtable.js';
import { AT, type LibraryOpening } from '../../protocol/opening.js';
import { readStart } from '../declared/c-string.js';
import { addressOf } from '../libc.js';
import type { Library } from '../library/library.js';
import { Mistake } from '../mistakes.js';
import type { Outgoing } from '../channel/outgoing.js';
import { outputRunner } from '../owned-output.js';
import { NULL, type Pointer } from '../pointer.js';
import type { Runner } from '../runner.js';
import { bindVtable, type Vtable } from './vtable.js';

/** Most of a plugin's own words about a failure, in bytes. */
const TEXT_KEPT = 1024;

/** A plugin of the stable ABI with the handle that its `create` made. */
export interface StablePlugin {
  readonly runners: ReadonlyMap<number, Runner>;
  destroy(): void;
}

/** A `banyan_slice`, at an address that never changes. */
class Slice {
  // Small arrays without a buffer of their own are moved about.
  readonly #memory = new BigUint64Array(new ArrayBuffer(16));
  readonly at: Pointer = addressOf(this.#memory);

  set(data: Pointer, length: number): Pointer {
    this.#memory[0] = data;
    this.#memory[1] = BigInt(length);
    return this.at;
  }
}

/** Reads the vtable of a library that is loaded and whose descriptor fits. Throws a {@link Mistake}. */
export function vtableOf(library: Library, descriptor: Descriptor, minor: number): Vtable {
  const at = `${AT.backend}/abi`;
  if (!library.has(VTABLE_SYMBOL))
    throw new Mistake(at, `symbol ${VTABLE_SYMBOL}: expected in the library, found none`);
  const vtable = bindVtable(library.address(VTABLE_SYMBOL), minor, descriptor.vtable.fields);
  if ('call' in vtable) return vtable;
  throw new Mistake(at, `required fields of the vtable: expected functions, found NULL for ${vtable.join(', ')}`);
}

/** Creates the plugin's handle from the configuration. Throws a {@link Mistake} when the plugin does not want to. */
export function createPlugin(
  opening: LibraryOpening,
  descriptor: Descriptor,
  vtable: Vtable,
  outgoing: Outgoing,
): StablePlugin {
  const slice = new Slice();
  const config = Buffer.from(JSON.stringify(opening.config));
  const handle = vtable.create(slice.set(addressOf(config), config.length)) as Pointer | null;
  if (handle === null || handle === NULL) {
    const key = Object.keys(opening.config).length > 0 ? 'config' : 'abi';
    throw new Mistake(
      `${AT.backend}/${key}`,
      `the plugin could not be created: ${lastError(vtable, NULL) ?? 'it does not say why'}`,
    );
  }

  const runnerOf = (place: number): Runner =>
    outputRunner(
      {
        run: (body, length) => vtable.call(handle, place, slice.set(body, length), outgoing.out) as number,
        free(memory, length) {
          // A length that no output can have would be cut to another: that output is then left where it is.
          if (Number.isSafeInteger(length)) vtable.free_output(handle, memory, length);
        },
        lastError: () => lastError(vtable, handle),
      },
      opening.outputLimit,
      outgoing,
    );
  const runners = new Map<number, Runner>();
  for (const { id, declared } of opening.functions)
    if (declared.convention === 'stable') runners.set(id, runnerOf(descriptor.functions.indexOf(declared.symbol)));
  return { runners, destroy: () => void vtable.destroy(handle) };
}

/** The plugin's own words; null when it has none. */
function lastError(vtable: Vtable, handle: Pointer): string | null {
  const text = vtable.last_error?.(handle) as Pointer | null | undefined;
  return text === null || text === undefined || text === NULL ? null : readStart(text, TEXT_KEPT).toString();
}
