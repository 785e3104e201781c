// `npm start`: sets up what is not fresh, then serves the example plugins, in this very process so that signals reach it.
import { join } from 'node:path';
import { root } from './files.mjs';
import { setUp } from './setup.mjs';

await setUp();
const [node = '', , ...rest] = process.argv;
process.argv = [
  node,
  join(root, 'bin/banyan.js'),
  'serve',
  '--config',
  join(root, 'build/example/banyan.yaml'),
  ...rest,
];
await import('../bin/banyan.js');

// The gateway serves by now, or has said why it does not.
if (rest.length === 0 && process.exitCode === undefined) {
  process.stdout.write(`Try, in another terminal:
  curl --data-binary 'hello world' http://127.0.0.1:8080/plugins/vowels/count
  bin/banyan.js set vowels canary --percent 50
  curl http://127.0.0.1:8081/metrics
`);
}
