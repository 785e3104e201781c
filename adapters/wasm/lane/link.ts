import { MAIN } from '../host-abi.js';
import type { CompiledModule, LaneModule } from '../messages.js';
import { CannotStart } from './cannot-start.js';

/** A plugin's module, instantiated with those that it is linked with. */
export interface LinkedGuest {
  readonly exports: WebAssembly.Instance['exports'];
  /** Every memory of its modules, each once. */
  readonly memories: readonly WebAssembly.Memory[];
}

/** What the host serves to one module: its memory is another one than that of the module beside it. */
export interface ServedImports {
  readonly imports: WebAssembly.Imports;
  /** Calls what the instance starts with: nothing of it has been called before. Throws what that throws. */
  readonly start: (instance: WebAssembly.Instance) => void;
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

  const instantiate = (guest: CompiledModule): WebAssembly.Instance => {
    made.set(guest, null);
    const served = serve(guest);
    const imports = guest.linked.length === 0 ? served.imports : withLinked(guest, served.imports);
    try {
      const instance = new WebAssembly.Instance(guest.module, imports);
      made.set(guest, instance);
      served.start(instance);
      return instance;
    } catch (error) {
      const where = linked.size === 0 ? '' : `${guest.file}: `;
      throw new CannotStart(`${where}${explain(error)}`, { cause: error });
    }
  };

  const withLinked = (guest: CompiledModule, served: WebAssembly.Imports): WebAssembly.Imports => {
    const imports = new Map(Object.entries(served).map(([from, values]) => [from, new Map(Object.entries(values))]));
    for (const { from, name } of guest.linked) {
      const provider = from === MAIN ? main : linked.get(from);
      if (provider === undefined) throw new Error(`the gateway linked "${from}", which this lane does not have`);
      const instance = made.has(provider) ? made.get(provider) : instantiate(provider);
      // Only a function can be imported in a circle: the gateway has refused the rest.
      const value = instance?.exports[name] ?? deferred(() => made.get(provider), name);
      imports.set(from, (imports.get(from) ?? new Map<string, WebAssembly.ExportValue>()).set(name, value));
    }
    return Object.fromEntries([...imports].map(([from, values]) => [from, Object.fromEntries(values)]));
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
