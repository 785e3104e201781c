import { closeSync, openSync } from 'node:fs';
import { findInProcess } from '../libc.js';

/** The same numbers on every machine. */
const CREATE_RULESET = 444;
const ADD_RULE = 445;
const RESTRICT_SELF = 446;

const ASK_VERSION = 1;
const PATH_BENEATH = 1;
/** Device nodes, which no library makes: a ruleset has to deny something. */
const MAKE_DEVICES = (1n << 6n) | (1n << 11n);
/** Renaming from one folder into another, which every ruleset denies if it does not allow it. */
const REFER = 1n << 13n;
const SCOPE_SIGNALS = 2n;

/** From this version on REFER can be allowed. */
const FIRST_USEFUL = 2;
const FIRST_WITH_SCOPES = 6;

/**
 * Puts this thread, and all that follows from it, in a domain of its own: whoever is in one reaches neither the memory nor
 * the open files of a process outside, the gateway for one, by way of /proc, and signals none (since Linux 6.12). It denies
 * no other file. Does nothing where the kernel has no Landlock.
 */
export function separate(): void {
  if (process.platform !== 'linux') return;
  const ask = syscallWith('long', 'long', 'long');
  const create = syscallWith('void *', 'size_t', 'long');
  const addRule = syscallWith('long', 'long', 'void *', 'long');
  const version = ask?.(CREATE_RULESET, 0, 0, ASK_VERSION) as number | undefined;
  if (version === undefined || version < FIRST_USEFUL) return;

  const handled = new BigUint64Array([
    MAKE_DEVICES | REFER,
    ...(version < FIRST_WITH_SCOPES ? [] : [0n, SCOPE_SIGNALS]),
  ]);
  const ruleset = create?.(CREATE_RULESET, handled, handled.byteLength, 0) as number;
  if (ruleset < 0) return;
  const root = openSync('/', 'r');
  const rule = Buffer.alloc(12);
  rule.writeBigUInt64LE(REFER);
  rule.writeInt32LE(root, 8);
  if (addRule?.(ADD_RULE, ruleset, PATH_BENEATH, rule, 0) === 0) ask?.(RESTRICT_SELF, ruleset, 0, 0);
  closeSync(root);
  closeSync(ruleset);
}

function syscallWith(...parameters: string[]): ReturnType<typeof findInProcess> {
  return findInProcess('syscall', 'long', ['long', ...parameters]);
}
