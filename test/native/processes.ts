import { readdirSync, readFileSync } from 'node:fs';
import { isAlive } from './watching.js';

/** All processes that run now. */
function everyone(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The processes that this one has started, and those that they have. */
export function descendantsOf(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const each of everyone()) {
    const parent = Number(/^PPid:\s*(\d+)/m.exec(read(each, 'status'))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), each]);
  }
  const found: number[] = [];
  for (
    let next: number[] = children.get(pid) ?? [];
    next.length > 0;
    next = next.flatMap((each) => children.get(each) ?? [])
  )
    found.push(...next);
  return found;
}

/** The processes that were started with this in their environment, whoever their parent is now. */
export function markedWith(mark: string): readonly number[] {
  return everyone().filter((pid) => read(pid, 'environ').includes(mark) && isAlive(pid));
}

/** What a process runs, by the name of its program; empty when it is gone. */
export function nameOf(pid: number): string {
  return read(pid, 'comm').trim();
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
