import { closeSync } from 'node:fs';
import type { Grant } from '../../messages.js';
import { Errno } from './errno.js';
import type { Lines } from './lines.js';

/** Descriptors that one instance may have open, so that no guest uses up those of the gateway. */
const MOST_OPEN = 64;

export interface OpenDirectory {
  readonly kind: 'directory';
  /** The host's descriptor. */
  readonly fd: number;
  readonly grant: Grant;
  /** One of the directories that the guest finds open. */
  readonly preopened: boolean;
  /** What `fd_readdir` goes on with; null before it begins. */
  listing: readonly DirectoryEntry[] | null;
}

export interface DirectoryEntry {
  readonly name: Uint8Array;
  readonly type: number;
}

export interface OpenFile {
  readonly kind: 'file';
  readonly fd: number;
  readonly grant: Grant;
  readonly reads: boolean;
  readonly writes: boolean;
  /** The flags that it was opened with, as WASI writes them. */
  readonly flags: number;
  position: number;
}

export type Descriptor =
  { readonly kind: 'stdin' } | { readonly kind: 'output'; readonly lines: Lines } | OpenDirectory | OpenFile;

/** What an instance has open, by the guest's numbers. */
export class Descriptors {
  readonly #open = new Map<number, Descriptor>();

  find(number: number): Descriptor | null {
    return this.#open.get(number) ?? null;
  }

  get(number: number): Descriptor {
    const found = this.find(number);
    if (found === null) throw new Errno('EBADF');
    return found;
  }

  directory(number: number): OpenDirectory {
    const found = this.get(number);
    if (found.kind !== 'directory') throw new Errno('ENOTDIR');
    return found;
  }

  file(number: number): OpenFile {
    const found = this.get(number);
    switch (found.kind) {
      case 'file':
        return found;
      case 'directory':
        throw new Errno('EISDIR');
      case 'stdin':
      case 'output':
        throw new Errno('ESPIPE');
      default:
        return found satisfies never;
    }
  }

  /** Throws EMFILE when there is no place for one more; to be asked before something is opened. */
  ensurePlace(): void {
    if (this.#open.size >= MOST_OPEN) throw new Errno('EMFILE');
  }

  /** Answers the lowest number that is free. */
  add(descriptor: Descriptor): number {
    let number = 0;
    while (this.#open.has(number)) number++;
    this.#open.set(number, descriptor);
    return number;
  }

  close(number: number): void {
    const descriptor = this.get(number);
    this.#open.delete(number);
    release(descriptor);
  }

  /** Gives a descriptor the number of another one, which is closed. */
  renumber(from: number, to: number): void {
    const moved = this.get(from);
    const replaced = this.get(to);
    if (from === to) return;
    this.#open.delete(from);
    this.#open.set(to, moved);
    release(replaced);
  }

  /** Passes on what outputs hold of an unfinished line. */
  flush(): void {
    for (const descriptor of this.#open.values()) if (descriptor.kind === 'output') descriptor.lines.flush();
  }

  closeAll(): void {
    for (const descriptor of this.#open.values()) release(descriptor);
    this.#open.clear();
  }
}

function release(descriptor: Descriptor): void {
  switch (descriptor.kind) {
    case 'stdin':
      return;
    case 'output':
      descriptor.lines.flush();
      return;
    case 'directory':
    case 'file':
      closeSync(descriptor.fd);
      return;
    default:
      descriptor satisfies never;
  }
}
