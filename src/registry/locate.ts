import type { Problem } from '../domain/backend.js';
import type { FileProblem } from '../domain/generation.js';
import { Misconfigured } from '../domain/misconfigured.js';
import { valueAt } from './found.js';
import { dotted } from './mistake.js';
import { decode, readBytes } from './read-text.js';
import { parseYaml } from './yaml-document.js';

/**
 * Gives a problem that an adapter found its place in the manifest (or any YAML file). What the pointer names and is
 * not there is placed at its nearest parent; in a file that can no longer be read, at its beginning.
 */
export async function locate(file: string, problem: Problem): Promise<FileProblem> {
  const path = problem.pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const { message } = problem;
  try {
    const document = parseYaml(file, decode(file, await readBytes(file)));
    const exact = path.map((part, index) =>
      Array.isArray(valueAt(document.value, path.slice(0, index))) ? Number(part) : part,
    );
    return { file, ...document.place(exact, 'value'), path: dotted(exact), message };
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
    return { file, line: 1, column: 1, path: dotted(path), message };
  }
}
