// A process with a wasm backend in a process of its own, to be killed: argv is the module, stdout the pid of that one.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { containedProcesses } from '#adapters/native/contained.js';
import { openInProcesses } from '#adapters/wasm/process/parent/open.js';
import { Call } from '#src/domain/call.js';

const path = process.argv[2];
const backend = await openInProcesses({ contained: containedProcesses(), lanes: 1 })(
  {
    kind: 'wasm',
    plugin: 'faulty',
    version: '1.0.0',
    module: { path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') },
    functions: new Map([['loop', 'loop']]),
    link: new Map(),
    memory: 2 ** 26,
    instance: 'reuse',
    config: new Map(),
    hosts: [],
    paths: new Map(),
    calls: [],
    isolation: 'process',
    containment: 'preferred',
    outputLimit: 1024,
  },
  (event) => {
    if (event.type === 'state' && event.state.state === 'ready') console.log(event.state.pids.join(' '));
  },
);
await backend.call(
  new Call({
    plugin: 'faulty',
    function: 'loop',
    input: Buffer.alloc(0),
    deadline: performance.now() + 600_000,
    requestId: 'endless',
    role: 'primary',
  }),
);
