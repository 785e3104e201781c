// A process with a native backend in it, to be killed: argv is the library, stdout the pids of its children.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openNative } from '#adapters/native/open.js';
import { Call } from '#src/domain/call.js';

const path = process.argv[2];
const backend = await openNative()(
  {
    kind: 'native',
    plugin: 'faulty',
    version: '1.0.0',
    library: { path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') },
    functions: new Map([['loop', { convention: 'buffer', symbol: 'faulty_loop' }]]),
    free: 'free',
    poolSize: 2,
    abi: null,
    types: [],
    init: null,
    shutdown: null,
    lastError: null,
    isolation: 'process',
    group: null,
    containment: 'preferred',
    rights: { network: false, spawn: false, paths: new Map() },
    recycle: { calls: null, growth: null },
    config: new Map(),
    memory: null,
    restarts: { max: 5, withinMs: 60_000, restMs: 1_000 },
    outputLimit: 1024,
  },
  (event) => {
    if (event.type === 'state' && event.state.state === 'ready' && event.state.pids.length === 2)
      console.log(event.state.pids.join(' '));
  },
);
// The first child runs, so that a second one is started, which runs as well; a spare waits for work.
const loop = () =>
  backend.call(
    new Call({
      plugin: 'faulty',
      function: 'loop',
      input: Buffer.alloc(0),
      deadline: performance.now() + 600_000,
      requestId: 'endless',
      role: 'primary',
    }),
  );
await Promise.all([loop(), loop()]);
