// `npm run bench [-- NAME ... [--quick] [--rounds N] [--seconds N] [--patience S]
// [--node FILE]]`: sets up, then every bench in turn; those that take many minutes only when they are named.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './files.mjs';
import { setUp } from './setup.mjs';

const known = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));
const onlyByName = ['native-soak', 'wasm-many', 'wasm-soak'];
const args = process.argv.slice(2);
const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
const asked = firstFlag === -1 ? args : args.slice(0, firstFlag);
const flags = firstFlag === -1 ? [] : args.slice(firstFlag);

const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no bench is called ${unknown.join(', ')}; there are ${known.join(', ')}\n`);
  process.exit(2);
}

await setUp();
for (const name of asked.length > 0 ? asked : known.filter((name) => !onlyByName.includes(name))) {
  console.log(`\n== ${name} ==\n`);
  // One after another, each alone in its process: two at once would measure each other.
  const { status } = spawnSync(process.execPath, [join(root, 'dist/bench', `${name}.js`), ...flags], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
