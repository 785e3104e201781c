import { createHash } from 'node:crypto';
import { constants, open, realpath, type FileHandle } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Artefact } from '../domain/artefact.js';
import { codeOf, reasonOf } from './reason.js';

/** Thrown for a file that cannot be an artefact; the message says why. */
export class NoArtefact extends Error {
  override readonly name = 'NoArtefact';
}

/** A folder with and without symlinks resolved. */
export interface Root {
  readonly path: string;
  readonly real: string;
}

/** A file inside the plugin's folder, hashed; rejects with {@link NoArtefact}. */
export async function findModule(folder: Root, written: string): Promise<Artefact> {
  if (isAbsolute(written)) throw new NoArtefact(`expected a path inside the plugin's folder, found ${quote(written)}`);
  const real = await resolved(join(folder.path, written), written);
  if (!isInside(folder, real)) throw new NoArtefact(`${quote(written)} leads out of the plugin's folder, to ${real}`);
  return hashed(real, written);
}

/**
 * A library inside the plugin's folder, else (a bare name) in the first library root that has it, else (an absolute
 * path) under one of the roots, hashed. Where symlinks lead to counts. Rejects with {@link NoArtefact}.
 */
export async function findLibrary(folder: Root, roots: readonly Root[], written: string): Promise<Artefact> {
  const real = written.includes(sep)
    ? await resolved(resolve(folder.path, written), written)
    : await firstOf([folder, ...roots].map((root) => join(root.path, written)));
  if (real === null) {
    const places = ["the plugin's folder", ...roots.map((root) => root.path)].join(', ');
    throw new NoArtefact(`${quote(written)} is in none of: ${places}`);
  }
  if (![folder, ...roots].some((root) => isInside(root, real))) {
    throw new NoArtefact(
      `${quote(written)} leads to ${real}, which is neither inside the plugin's folder nor under one of libraryRoots`,
    );
  }
  return hashed(real, written);
}

/** The first of these paths that is there, symlinks resolved; null when none is. */
async function firstOf(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    try {
      return await realpath(path);
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error))) {
        throw new NoArtefact(`${path}: ${reasonOf(error)}`, { cause: error });
      }
    }
  }
  return null;
}

async function resolved(path: string, written: string): Promise<string> {
  return realpath(path).catch((error: unknown) => {
    throw new NoArtefact(`${quote(written)}: ${reasonOf(error)}`, { cause: error });
  });
}

function isInside(root: Root, real: string): boolean {
  const inner = relative(root.real, real);
  return inner !== '' && inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
}

async function hashed(path: string, written: string): Promise<Artefact> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new NoArtefact(`${quote(written)}: expected a file`);
      return { path, sha256: await digestOf(handle, stat.size) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof NoArtefact) throw error;
    throw new NoArtefact(`${quote(written)}: ${reasonOf(error)}`, { cause: error });
  }
}

const CHUNK = 256 * 1024;

async function digestOf(handle: FileHandle, size: number): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size + 1));
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
  }
}

function quote(written: string): string {
  return JSON.stringify(written);
}
