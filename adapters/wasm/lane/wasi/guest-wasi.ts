import type { CompiledModule, LaneModule } from '../../messages.js';
import { WASI_MODULE } from '../../host-abi.js';
import { CannotStart } from '../cannot-start.js';
import type { Kernel } from '../kernel.js';
import type { ServedImports } from '../link.js';
import { startGuest } from '../start-guest.js';
import { makeWasi, type Wasi } from './wasi.js';

/** WASI for an instance of a plugin: each of its modules that imports it has its own, over its own memory. */
export interface GuestWasi {
  /** Imports and start of one of its modules, beside what is served to all. Throws {@link CannotStart}. */
  serve(module: CompiledModule, imports: WebAssembly.Imports): ServedImports;
  /** What one of them gave to `proc_exit`, which ended the call; null when none did. */
  takeExit(): number | null;
  /** Why WASI ended the call; null when it did not, or by success. */
  reason(): string | null;
  /** Passes on what has been written without the end of its line. */
  flush(): void;
  close(): void;
}

/** A module that imports nothing of WASI costs nothing here, and nothing is opened for it. */
export function guestWasi(spec: LaneModule, kernel: Kernel, log: (line: string) => void): GuestWasi {
  const { plugin: program, grants } = spec;
  const made: Wasi[] = [];

  const make = (): Wasi => {
    try {
      const wasi = makeWasi({ program, grants, abort: () => kernel.abort(), log });
      made.push(wasi);
      return wasi;
    } catch (cause) {
      throw new CannotStart(`what it is granted cannot be opened: ${(cause as Error).message}`, { cause });
    }
  };

  return {
    serve(module, imports) {
      const functions = module === spec.module ? spec.functions : [];
      if (!module.wasi) return { imports, start: (instance) => startGuest(instance, functions) };
      const wasi = make();
      return {
        imports: { ...imports, [WASI_MODULE]: wasi.imports },
        start(instance) {
          wasi.attach(instance.exports);
          startUnlessExited(instance, functions, wasi);
        },
      };
    },
    takeExit: () => first(made, (wasi) => wasi.takeExit()),
    reason: () => first(made, (wasi) => wasi.reason()),
    flush: () => made.forEach((wasi) => wasi.flush()),
    close: () => made.forEach((wasi) => wasi.close()),
  };
}

/** A start that ends by `proc_exit(0)` is one that succeeded: the instance can be called. */
function startUnlessExited(instance: WebAssembly.Instance, functions: readonly string[], wasi: Wasi): void {
  try {
    startGuest(instance, functions);
  } catch (error) {
    if (wasi.takeExit() !== 0) throw error;
  }
}

function first<Item, Value>(items: readonly Item[], ask: (item: Item) => Value | null): Value | null {
  for (const item of items) {
    const value = ask(item);
    if (value !== null) return value;
  }
  return null;
}
