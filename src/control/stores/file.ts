import { mkdir, readFile, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { stateDocument } from '../../schema/state.js';
import { openAside, type FileAside } from './aside.js';
import { reason, syncFolder, writeDurably } from './durable.js';
import { lockFolder } from './lock.js';
import { Conflict, EMPTY_STATE, StoreRefused, StoreUnavailable } from './store.js';
import type { StateDocument, Store } from './store.js';

/** Revisions that are kept to go back to. */
const RETAINED = 1_000;

const CURRENT = 'state.json';
const REVISIONS = 'revisions';

/**
 * A store in a folder: `state.json` is the newest revision, `revisions/N.json` each that is retained. A commit is on the
 * disk (file and folders synced) before it resolves. Rejects with {@link StoreRefused} when the folder cannot be
 * written, is owned by a living process, or holds what this store has not written.
 */
export async function openFileStore(folder: string): Promise<Store> {
  const unlock = await claim(folder);
  let newest: StateDocument;
  try {
    newest = await recover(folder);
  } catch (error) {
    await unlock();
    throw error;
  }
  let broken: string | null = null;
  const asides: FileAside[] = [];

  return {
    newest: () => newest,
    async commit(next) {
      if (broken !== null) throw new StoreUnavailable(broken);
      if (next.revision !== newest.revision + 1) {
        throw new Conflict(`revision ${next.revision} does not follow ${newest.revision}`);
      }
      const written = await prepare(folder, next);
      try {
        await rename(written, join(folder, CURRENT));
        await syncFolder(folder);
      } catch (error) {
        // From here on nobody can say which revision a restart would find; writing on would hide that.
        broken = `${join(folder, CURRENT)} could not be replaced for certain (${reason(error)}); restart to recover`;
        throw new StoreUnavailable(broken, { cause: error });
      }
      newest = next;
      await unlink(revisionFile(folder, next.revision - RETAINED)).catch(() => undefined);
    },
    revisions: (limit) =>
      reading(async () => {
        const numbers = (await revisionNumbers(folder)).filter((number) => number <= newest.revision);
        const wanted = numbers.sort((a, b) => b - a).slice(0, limit);
        return await Promise.all(wanted.map((number) => readState(revisionFile(folder, number))));
      }),
    revision: (number) =>
      reading(async () => {
        if (number === 0) return EMPTY_STATE;
        if (number > newest.revision) return null;
        const numbers = await revisionNumbers(folder);
        return numbers.includes(number) ? await readState(revisionFile(folder, number)) : null;
      }),
    aside(name) {
      const aside = openAside(folder, name, () => broken);
      asides.push(aside);
      return aside;
    },
    async close() {
      broken = `the store ${folder} is closed`;
      await Promise.all(asides.map((aside) => aside.idle()));
      // Another process may own the folder from here on.
      await unlock();
    },
  };

  async function reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw new StoreUnavailable(reason(error), { cause: error });
    }
  }
}

async function claim(folder: string): Promise<() => Promise<void>> {
  try {
    await mkdir(join(folder, REVISIONS), { recursive: true });
    return await lockFolder(folder);
  } catch (error) {
    if (error instanceof StoreRefused) throw error;
    throw new StoreRefused(`the store ${folder} cannot be written (${reason(error)})`, { cause: error });
  }
}

/**
 * The newest acknowledged revision, which `state.json` alone tells. Later ones in `revisions/` were never acknowledged,
 * or an operator went back to an earlier state: they stay until a commit takes their number.
 */
async function recover(folder: string): Promise<StateDocument> {
  const file = join(folder, CURRENT);
  const numbers = await revisionNumbers(folder);
  const exists = (await readdir(folder)).includes(CURRENT);
  if (!exists && numbers.some((number) => number > 1)) {
    throw new StoreRefused(
      `${file} is missing although ${join(folder, REVISIONS)} holds revisions; copy the newest of them to ${CURRENT}`,
    );
  }
  return exists ? await readState(file) : EMPTY_STATE;
}

/** The next revision, durable in `revisions/` and under a temporary name that a rename makes current. */
async function prepare(folder: string, next: StateDocument): Promise<string> {
  const temporary = join(folder, `${CURRENT}.tmp`);
  const kept = revisionFile(folder, next.revision);
  const content = `${JSON.stringify({ format: 'banyan/state', version: 1, ...next }, null, 1)}\n`;
  try {
    // Two files and not two names of one: what happens to the current state must not happen to the kept one.
    await Promise.all([writeDurably(`${kept}.tmp`, content), writeDurably(temporary, content)]);
    await rename(`${kept}.tmp`, kept);
    await syncFolder(join(folder, REVISIONS));
    return temporary;
  } catch (error) {
    throw new StoreUnavailable(`the store ${folder} cannot be written (${reason(error)})`, { cause: error });
  }
}

async function readState(file: string): Promise<StateDocument> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new StoreRefused(
      `${file} is not a whole Banyan state (${why}); nothing was changed. Move it aside, or restore it from ${REVISIONS}/`,
      { cause },
    );
  };
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    return refuse(reason(error), error);
  }
  const parsed = stateDocument.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, parsed.error);
  }
  const { revision, at, by, comment, routes } = parsed.data;
  return { revision, at, by, comment, routes };
}

async function revisionNumbers(folder: string): Promise<number[]> {
  const files = await readdir(join(folder, REVISIONS));
  return files.flatMap((file) => {
    const match = /^(\d+)\.json$/.exec(file);
    return match === null ? [] : [Number(match[1])];
  });
}

function revisionFile(folder: string, revision: number): string {
  return join(folder, REVISIONS, `${String(Math.max(revision, 0)).padStart(10, '0')}.json`);
}
