// `npm start`: sets up what is not fresh, then serves the example plugins.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './files.mjs';
import { setUp } from './setup.mjs';

await setUp();
const args = ['serve', '--config', 'build/example/banyan.yaml', '--hints', ...process.argv.slice(2)];
const gateway = spawn(process.execPath, [join(root, 'bin/banyan.js'), ...args], { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => gateway.kill(signal));
gateway.on('exit', (code) => process.exit(code ?? 1));
