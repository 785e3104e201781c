import { MAIN } from '../host-abi.js';
import type { CompiledModule, LaneModule } from '../messages.js';
import { CannotStart } from './cannot-start.js';
import { startGuest } from './start-guest.js';

/** A plugin's module, instantiated with those that it is linked with. */
export interface LinkedGuest {
  readonly exports: WebAssembly.Instance['exports'];
  /** Every memory of its modules, each once. */
  readonly memories: readonly WebAssembly.Memory[];
}

/** What the host serves to one module: its memory is another one than that of the module beside it. */
export interface ServedImports {
  readonly imports: WebAssembly.Imports;
  /** Hears of the instance before any of its exports is called. */
  readonly made?: (instance: WebAssembly.Instance) => void;
}

/**
 * Instantiates a plugin's module, before it whatever it imports from, and starts each as its toolchain asks for. `serve` is
 * asked once for each module. Throws {@link CannotStart}, in the words that `explain` has for what went wrong.
 */
export function linkGuest(
  spec: Pick<LaneModule, 'module' | 'linked'>,
  serve: (module: CompiledModule) => ServedImports,
  explain: (error: unknown) => string,
): LinkedGuest {
  const { module: main, linked } = spec;
  // What is being made is there without an instance: whoever imports from it closes a circle.
  const made = new Map<CompiledModule, WebAssembly.Instance | null>();

  const providerOf = (name: string): CompiledModule | undefined => (name === MAIN ? main : linked.get(name));

  const instantiate = (guest: CompiledModule): WebAssembly.Instance => {
    made.set(guest, null);
    const served = serve(guest);
    const imports = linked.size === 0 ? served.imports : { ...served.imports, ...importsFromLinked(guest) };
    try {
      const instance = new WebAssembly.Instance(guest.module, imports);
      made.set(guest, instance);
      served.made?.(instance);
      startGuest(instance);
      return instance;
    } catch (error) {
      const where = linked.size === 0 ? '' : `${guest.file}: `;
      throw new CannotStart(`${where}${explain(error)}`, { cause: error });
    }
  };

  const importsFromLinked = (guest: CompiledModule): WebAssembly.Imports => {
    const imports: Record<string, Record<string, WebAssembly.ExportValue>> = {};
    for (const { module: from, name } of WebAssembly.Module.imports(guest.module)) {
      const provider = providerOf(from);
      if (provider === undefined) continue;
      const instance = made.has(provider) ? made.get(provider) : instantiate(provider);
      // Only a function can be imported in a circle: `inspect-module.ts` has refused the rest.
      (imports[from] ??= {})[name] = instance?.exports[name] ?? deferred(() => made.get(provider), name);
    }
    return imports;
  };

  const { exports } = instantiate(main);
  return { exports, memories: memoriesOf(made.values()) };
}

/** A function of an instance that is still to be made: a call before that traps. */
function deferred(
  instanceOf: () => WebAssembly.Instance | null | undefined,
  name: string,
): (...args: unknown[]) => unknown {
  let found: ((...args: unknown[]) => unknown) | null = null;
  return (...args) => {
    if (found === null) {
      const value = instanceOf()?.exports[name];
      if (typeof value !== 'function')
        throw new WebAssembly.RuntimeError(`"${name}" was called before the module that has it was there`);
      found = value as (...args: unknown[]) => unknown;
    }
    return found(...args);
  };
}

function memoriesOf(instances: Iterable<WebAssembly.Instance | null>): WebAssembly.Memory[] {
  const memories = new Set<WebAssembly.Memory>();
  for (const instance of instances)
    for (const value of Object.values(instance?.exports ?? {}))
      if (value instanceof WebAssembly.Memory) memories.add(value);
  return [...memories];
}
