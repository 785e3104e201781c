import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { reason, syncFolder, writeDurably } from './durable.js';
import { type Aside, type AsideName, StoreUnavailable } from './store.js';

/** {@link Aside}, for its store. */
export interface FileAside extends Aside {
  /** Resolves when nothing is being written. */
  idle(): Promise<void>;
}

/** A document in a file of its own, replaced by a rename. `broken` says why the store cannot be written, if it cannot. */
export function openAside(folder: string, name: AsideName, broken: () => string | null): FileAside {
  const file = join(folder, `${name}.json`);
  let last: Promise<void> = Promise.resolve();

  async function replace(content: string): Promise<void> {
    const why = broken();
    if (why !== null) throw new StoreUnavailable(why);
    try {
      await writeDurably(`${file}.tmp`, content);
      await rename(`${file}.tmp`, file);
      await syncFolder(folder);
    } catch (error) {
      throw new StoreUnavailable(`${file} cannot be written (${reason(error)})`, { cause: error });
    }
  }

  return {
    async read() {
      try {
        return JSON.parse(await readFile(file, 'utf8')) as unknown;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw new StoreUnavailable(`${file} cannot be read (${reason(error)}); move it aside`, { cause: error });
      }
    },
    write(content) {
      const text = `${JSON.stringify(content, null, 1)}\n`;
      const written = last.then(() => replace(text));
      last = written.catch(() => undefined);
      return written;
    },
    idle: () => last,
  };
}
