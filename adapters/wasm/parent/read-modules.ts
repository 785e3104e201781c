import { type Problem, Refused } from '../../../src/domain/backend.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import { MAIN } from '../host-abi.js';
import type { CompiledModule, LaneModule } from '../messages.js';
import { atMost } from './at-most.js';
import { escaped, importsWasi, problemsOf } from './inspect-module.js';
import { providedBy, type Providers } from './link-order.js';
import { openAtPath, type OpenFileAt } from './open-file.js';
import {
  compile,
  type HashedModule,
  limitedTo,
  type LimitedModule,
  openModule,
  type OpenModule,
  readBytes,
  readHashed,
  type Source,
} from './read-module.js';

export type Modules = Pick<LaneModule, 'module' | 'linked' | 'startsWithCode'>;

/** Modules whose files are what was hashed, and which can be linked. */
export interface CheckedModules {
  /** Compiles them. Rejects with Refused. */
  compile(): Promise<Modules>;
  /** Lets go of their files. */
  close(): Promise<void>;
}

/** Backends whose modules are read, or compiled, at once: their bytes are in memory meanwhile. */
const readInTurn = atMost(8);
const compileInTurn = atMost(4);

/**
 * Reads a backend's module and those that it is linked with, and tells everything that speaks against them but what only
 * compiling them tells: whether their code is valid. Their files stay open; what was read is kept only if it is used `now`.
 * Rejects with Refused.
 */
export async function checkModules(
  spec: WasmSpec,
  now: boolean,
  openFile: OpenFileAt = openAtPath,
): Promise<CheckedModules> {
  const modules = await openAll(sourcesOf(spec), openFile);
  const close = (): Promise<void> => closeAll(modules);
  const read = (): Promise<Linkable> => readLinkable(modules, spec);
  try {
    const linkable = await readInTurn(read);
    const problems = problemsOf(linkable.providers, spec);
    if (problems.length > 0) throw new Refused(problems);
    const kept = now ? linkable : null;
    return { compile: () => compileInTurn(async () => compileAll(kept ?? (await read()))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The bytes of a backend's modules, by their paths: the very ones that were hashed. Rejects with Refused. */
export async function readFiles(spec: WasmSpec): Promise<ReadonlyMap<string, Uint8Array>> {
  const modules = await openAll(sourcesOf(spec), openAtPath);
  try {
    return new Map(
      await allOf(modules.map(async (module) => [module.artefact.path, await readBytes(module)] as const)),
    );
  } finally {
    await closeAll(modules);
  }
}

/** The plugin's own module is the first. */
interface Linkable {
  readonly modules: readonly LimitedModule[];
  readonly providers: Providers;
}

function sourcesOf(spec: WasmSpec): readonly Source[] {
  return [
    { name: MAIN, pointer: '/backends/wasm/module', artefact: spec.module },
    ...[...spec.link].map(([name, artefact]) => ({ name, pointer: `/backends/wasm/link/${escaped(name)}`, artefact })),
  ];
}

async function openAll(sources: readonly Source[], openFile: OpenFileAt): Promise<readonly OpenModule[]> {
  const opening = sources.map((source) => openModule(source, openFile));
  try {
    return await allOf(opening);
  } catch (error) {
    for (const opened of await Promise.allSettled(opening))
      if (opened.status === 'fulfilled') await opened.value.opened.close();
    throw error;
  }
}

async function closeAll(modules: readonly OpenModule[]): Promise<void> {
  await Promise.all(modules.map(({ opened }) => opened.close()));
}

async function readLinkable(modules: readonly OpenModule[], spec: WasmSpec): Promise<Linkable> {
  const hashed = await allOf(modules.map(readHashed));
  const start = startOf(hashed, spec.memory);
  // What one module cannot have is what the others have from the start.
  const within = (one: HashedModule): LimitedModule => limitedTo(one, spec.memory - (start - one.minimum));
  const limited = await allOf(hashed.map((one) => Promise.resolve(one).then(within)));
  return { modules: limited, providers: new Map(limited.map((module) => [module.name, module])) };
}

async function compileAll({ modules, providers }: Linkable): Promise<Modules> {
  const [main, ...links] = await allOf(
    modules.map(async (one) => ({ name: one.name, module: compiled(one, await compile(one), providers) })),
  );
  if (main === undefined) throw new RangeError('there is no module');
  return {
    module: main.module,
    linked: new Map(links.map(({ name, module }) => [name, module])),
    startsWithCode: modules.some((one) => one.interface.starts),
  };
}

function compiled(read: LimitedModule, module: WebAssembly.Module, providers: Providers): CompiledModule {
  const linked = read.interface.imports
    .filter((wanted) => providedBy(wanted, providers) !== undefined)
    .map(({ module: from, name }) => ({ from, name }));
  return { file: read.file, module, linked, wasi: importsWasi(read, providers) };
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
async function allOf<Item>(promises: readonly Promise<Item>[]): Promise<Item[]> {
  const settled = await Promise.allSettled(promises);
  const reasons: unknown[] = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const problems = reasons.flatMap((reason): readonly Problem[] => {
    if (reason instanceof Refused) return reason.problems;
    throw reason;
  });
  if (problems.length > 0) throw new Refused(problems, { cause: reasons[0] });
  return Promise.all(promises);
}
