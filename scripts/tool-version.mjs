import { readFile } from 'node:fs/promises';

/** Name and version of an installed package. */
export async function versionOf(name) {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  const { version } = JSON.parse(await readFile(file, 'utf8'));
  return `${name} ${version}`;
}
