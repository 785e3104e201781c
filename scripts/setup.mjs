// Brings a checkout to where it can run: dependencies, built JavaScript, kernel and fixtures; only what is not fresh.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, root } from './files.mjs';

const BUILT_FROM = [
  'src',
  'adapters',
  'bench',
  'examples',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
];
const STAMP = join(root, 'dist/.built-from');

/** Everything that `npm start` and `npm test` stand on. Ends the process with a clear line where a step fails. */
export async function setUp() {
  requireNode();
  if (!dependenciesMatch()) run('Installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund']);
  const digest = digestOf(BUILT_FROM, /\.(ts|json)$/);
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== digest) {
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    run('Building', process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(STAMP, digest);
  }
  // These import what the first step installed.
  const { buildKernel } = await import('./build-kernel.mjs');
  await buildKernel();
  const { buildFixtures } = await import('./build-fixtures.mjs');
  await buildFixtures();
}

/** Runs one step with its output shown; ends the process with its status when it fails. */
export function run(title, command, args, environment = process.env) {
  process.stderr.write(`${title} ...\n`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['inherit', 2, 2], env: environment });
  if (status === 0) return;
  process.stderr.write(`${title} failed: ${error?.message ?? `${command} ended with status ${status}`}\n`);
  process.exit(status ?? 1);
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(`Banyan needs Node.js 20.19 or newer; this is ${process.version}\n`);
  process.exit(1);
}

/** Whether what is installed is what the lock file names; npm notes what it installed in a lock file of its own. */
function dependenciesMatch() {
  const wanted = packagesIn('package-lock.json');
  const installed = packagesIn('node_modules/.package-lock.json');
  if (wanted === null || installed === null) return false;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' || installed[path]?.version === entry.version || (entry.optional && !installed[path]),
  );
}

function packagesIn(file) {
  const path = join(root, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : null;
}

if (import.meta.filename === process.argv[1]) await setUp();
