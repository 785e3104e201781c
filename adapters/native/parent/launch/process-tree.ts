import { readdirSync, readFileSync } from 'node:fs';

/** The processes that this one has started and that exist; none when it is gone. */
export function childrenOf(pid: number): readonly number[] {
  return listedChildren(pid) ?? processes().filter((each) => parentOf(each) === pid);
}

/** Null when it is gone. */
export function parentOf(pid: number): number | null {
  const stat = contentOf(`/proc/${pid}/stat`);
  // After the name, in which anything may stand: state, parent.
  const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return parent === undefined ? null : Number(parent);
}

/** Null where the kernel has no such list. */
function listedChildren(pid: number): readonly number[] | null {
  const list = contentOf(`/proc/${pid}/task/${pid}/children`);
  return list === null ? null : list.split(' ').filter(Boolean).map(Number);
}

function processes(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
