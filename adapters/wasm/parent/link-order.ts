import type { Export, Import } from './module-interface.js';
import type { LimitedModule } from './read-module.js';

/** A plugin's modules by the name that each is imported under. */
export type Providers = ReadonlyMap<string, LimitedModule>;

/** The export that an import gets from the module beside it; undefined for what the gateway has to serve. */
export function providedBy(wanted: Import, providers: Providers): Export | undefined {
  return providers.get(wanted.module)?.interface.exports.find(({ name }) => name === wanted.name);
}

interface InCircle {
  readonly from: LimitedModule;
  readonly wanted: Import;
}

/**
 * Imports of something other than a function from a module that is not there yet when they are needed. Goes from module to
 * module as the lane does when it makes an instance (`lane/link.ts`).
 */
export function circlesOf(main: LimitedModule, providers: Providers): InCircle[] {
  const circles: InCircle[] = [];
  const begun = new Set<LimitedModule>();
  const made = new Set<LimitedModule>();

  const visit = (from: LimitedModule): void => {
    begun.add(from);
    for (const wanted of from.interface.imports) {
      const provider = providers.get(wanted.module);
      if (provider === undefined) continue;
      if (!begun.has(provider)) visit(provider);
      else if (!made.has(provider) && wanted.kind !== 'function') circles.push({ from, wanted });
    }
    made.add(from);
  };

  visit(main);
  return circles;
}
