// A process with native backends in it, to be killed. argv: the library, and a mark for the environment of its children.
// Says "ready" when all of them are loaded; three calls then run for ever.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openNative } from '#adapters/native/open.js';
import { Call } from '#src/domain/call.js';

const [, , path, mark] = process.argv;
const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
const open = openNative({ environment: { PATH: process.env.PATH, BANYAN_TEST_MARK: mark } });

/** A plugin of two children of its own, and two that share theirs where a group can. */
const plugins = [
  { plugin: 'alone', group: null, poolSize: 2 },
  { plugin: 'first', group: 'shared', poolSize: 1 },
  { plugin: 'second', group: 'shared', poolSize: 1 },
];
const backends = await Promise.all(
  plugins.map(({ plugin, group, poolSize }) =>
    open(
      {
        kind: 'native',
        plugin,
        version: '1.0.0',
        library: { path, sha256 },
        functions: new Map([
          ['loop', { convention: 'buffer', symbol: 'faulty_loop' }],
          ['echo', { convention: 'buffer', symbol: 'faulty_echo' }],
        ]),
        free: 'free',
        types: [],
        init: null,
        shutdown: null,
        lastError: null,
        abi: null,
        isolation: 'process',
        group,
        containment: 'preferred',
        rights: { network: false, spawn: false, paths: new Map() },
        poolSize,
        memory: null,
        restarts: { max: 5, withinMs: 60_000, restMs: 1_000 },
        recycle: { calls: null, growth: null },
        config: new Map(),
        outputLimit: 1024,
      },
      () => undefined,
    ),
  ),
);

const call = (index, name) =>
  backends[index].call(
    new Call({
      plugin: plugins[index].plugin,
      function: name,
      input: Buffer.alloc(0),
      deadline: performance.now() + 600_000,
      requestId: name,
      role: 'primary',
    }),
  );
await Promise.all(backends.map((_, index) => call(index, 'echo')));
for (const busy of [0, 0, 1]) void call(busy, 'loop');
console.log('ready');
