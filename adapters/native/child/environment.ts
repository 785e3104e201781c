import { libc } from './libc.js';

/** Sets variables where C code looks for them: Node's own copy is not what a library's `getenv` reads on every system. */
export function setEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) libc.setenv(cString(name), cString(value), 1);
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}
