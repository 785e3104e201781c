// `npm start`: sets up what is not fresh, then serves the example plugins, in this very process so that signals reach it.
import { join } from 'node:path';
import { root } from './files.mjs';
import { setUp } from './setup.mjs';

await setUp();
const [node = '', , ...rest] = process.argv;
process.argv = [node, join(root, 'bin/banyan.js'), 'serve', '--config', join(root, 'build/example/banyan.yaml'), ...rest];
await import('../bin/banyan.js');
