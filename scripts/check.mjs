// `npm test`: the whole gate. Arguments narrow the tests: `npm test -- test/domain`.
import { spawnSync } from 'node:child_process';
import { root } from './files.mjs';
import { run, setUp } from './setup.mjs';

const bin = (name) => `node_modules/.bin/${name}`;

await setUp();
run('Linting', bin('eslint'), ['.']);
run('Checking the format', bin('prettier'), ['--check', '--log-level', 'warn', '.']);
run('Checking the layers', bin('depcruise'), ['src', 'adapters', '--config', '.dependency-cruiser.mjs']);
run('Looking for dead code', bin('knip'), []);
run('Checking types', bin('tsc'), ['-p', 'tsconfig.json']);
const { status } = spawnSync(bin('vitest'), ['run', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
