import { type Problem, Refused } from '../../../src/domain/backend.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import { MAIN } from '../host-abi.js';
import type { CompiledModule, LaneModule } from '../messages.js';
import { escaped, problemsOf } from './inspect-module.js';
import { providedBy, type Providers } from './link-order.js';
import {
  compileWithin,
  type HashedModule,
  readBytes,
  type ReadFile,
  readHashed,
  type ReadModule,
  type Source,
} from './read-module.js';

type Modules = Pick<LaneModule, 'module' | 'linked' | 'startsWithCode'>;

/** Reads, checks, limits and compiles a backend's module and those that it is linked with. Rejects with Refused. */
export async function readModules(spec: WasmSpec, read: ReadFile): Promise<Modules> {
  const unsupported = unsupportedParts(spec);
  if (unsupported.length > 0) throw new Refused(unsupported);

  const [main, links] = await eachSource(spec, (source) => readHashed(source, read));
  const start = startOf([main, ...links], spec.memory);

  // What one module cannot have is what the others have from the start.
  const within = (one: HashedModule): Promise<ReadModule> => compileWithin(one, spec.memory - (start - one.minimum));
  const [readMain, readLinks] = await allOf(within(main), links.map(within));
  const providers = new Map([readMain, ...readLinks].map((module) => [module.name, module]));
  const problems = problemsOf(readMain, providers, spec);
  if (problems.length > 0) throw new Refused(problems);

  return {
    module: compiled(readMain, providers),
    linked: new Map(readLinks.map((link) => [link.name, compiled(link, providers)])),
    startsWithCode: [...providers.values()].some((module) => module.interface.starts),
  };
}

/** The bytes of a backend's modules, by their paths: the very ones that were hashed. Rejects with Refused. */
export async function readFiles(spec: WasmSpec, read: ReadFile): Promise<ReadonlyMap<string, Uint8Array>> {
  const withPath = async (source: Source) => [source.artefact.path, await readBytes(source, read)] as const;
  const [main, links] = await eachSource(spec, withPath);
  return new Map([main, ...links]);
}

function eachSource<Item>(spec: WasmSpec, read: (source: Source) => Promise<Item>): Promise<[Item, Item[]]> {
  return allOf(
    read({ name: MAIN, pointer: '/backends/wasm/module', artefact: spec.module }),
    [...spec.link].map(([name, artefact]) => read({ name, pointer: `/backends/wasm/link/${escaped(name)}`, artefact })),
  );
}

function compiled({ file, module, interface: { imports } }: ReadModule, providers: Providers): CompiledModule {
  const linked = imports.filter((wanted) => providedBy(wanted, providers) !== undefined);
  return { file, module, linked: linked.map(({ module: from, name }) => ({ from, name })) };
}

/** Bytes that the modules start with, all together. */
function startOf(modules: readonly HashedModule[], limit: number): number {
  const start = modules.reduce((sum, { minimum }) => sum + minimum, 0);
  if (start < limit) return start;
  const files = modules.map(({ file }) => file).join(', ');
  const message = `${files} ${modules.length === 1 ? 'starts' : 'start'} with ${start} bytes of memory, which leaves nothing of the limit of ${limit} for calls`;
  throw new Refused([{ pointer: '/backends/wasm/memory', message }]);
}

/** All of them, or Refused with the problems of each that was. */
async function allOf<Item>(first: Promise<Item>, rest: readonly Promise<Item>[]): Promise<[Item, Item[]]> {
  const settled = await Promise.allSettled([first, ...rest]);
  const reasons: unknown[] = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const problems = reasons.flatMap((reason): readonly Problem[] => {
    if (reason instanceof Refused) return reason.problems;
    throw reason;
  });
  if (problems.length > 0) throw new Refused(problems, { cause: reasons[0] });
  return [await first, await Promise.all(rest)];
}

function unsupportedParts(spec: WasmSpec): Problem[] {
  const parts = [
    { used: spec.hosts.length > 0, pointer: '/backends/wasm/hosts', what: 'access to hosts' },
    { used: spec.paths.size > 0, pointer: '/backends/wasm/paths', what: 'access to paths' },
  ];
  return parts
    .filter(({ used }) => used)
    .map(({ pointer, what }) => ({ pointer, message: `${what} is not supported yet in this version` }));
}
