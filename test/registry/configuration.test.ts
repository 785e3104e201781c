import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseConfiguration, readConfiguration } from '#src/registry/read-configuration.js';
import { describe, expect, it } from 'vitest';
import { refusal, short, workspace } from './workspace.js';

const FILE = '/etc/banyan/banyan.yaml';
const parse = (text: string | Uint8Array) => parseConfiguration(FILE, Buffer.from(text));
const mistakes = async (text: string | Uint8Array) =>
  (await refusal(() => parse(text))).map((problem) => short(problem));

describe('A configuration', () => {
  it('needs nothing but what differs from the defaults', () => {
    expect(parse('plugins: ./plugins')).toEqual({
      file: FILE,
      data: {
        listen: { host: '127.0.0.1', port: 8080 },
        allowOverride: false,
        expose: true,
        limits: { body: 10 * 1024 * 1024 },
      },
      admin: { listen: { host: '127.0.0.1', port: 8081 }, hosts: [] },
      plugins: '/etc/banyan/plugins',
      libraryRoots: [],
      inProcess: [],
      store: { kind: 'file', path: '/etc/banyan/var' },
      lanes: availableParallelism(),
      shutdown: { delayMs: 1_000, graceMs: 10_000 },
    });
  });

  it('takes paths relative to its own folder', () => {
    const parsed = parse('plugins: ../p\nlibraryRoots: [lib, /usr/lib]\nstore: { path: /srv/var }\nlanes: 3');
    expect(parsed.plugins).toBe('/etc/p');
    expect(parsed.libraryRoots).toEqual(['/etc/banyan/lib', '/usr/lib']);
    expect(parsed.store.path).toBe('/srv/var');
    expect(parsed.lanes).toBe(3);
  });

  it.each([
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['[::1]:8080', { host: '::1', port: 8080 }],
    ['[::]:65535', { host: '::', port: 65535 }],
    ['gateway.example.org:8080', { host: 'gateway.example.org', port: 8080 }],
  ])('listens for data on %s', (written, address) => {
    expect(parse(`data: { listen: "${written}" }`).data.listen).toEqual(address);
  });

  it.each(['127.0.0.1:0', '127.8.8.8:1', 'localhost:8081', '[::1]:8081', '[0:0:0:0:0:0:0:1]:1'])(
    'lets the admin listener bind to the loopback address %s',
    (written) => {
      expect(parse(`admin: { listen: "${written}" }`).admin.listen.port).toBeLessThan(9000);
    },
  );

  it('takes host names in any case, anchors, comments, CRLF and a byte order mark', () => {
    const parsed = parse(
      '\ufeff# hosts\r\nadmin: { hosts: [&name Gateway.Example.ORG] }\r\nstore:\r\n  path: *name\r\n',
    );
    expect(parsed.admin.hosts).toEqual(['gateway.example.org']);
    expect(parsed.store.path).toBe('/etc/banyan/Gateway.Example.ORG');
  });
});

const TOP = 'data, admin, plugins, libraryRoots, inProcess, store, lanes, shutdown';
const HOST_PORT = 'expected host:port, such as 127.0.0.1:8080 or "[::1]:8080" (in quotes)';
const noToken = (port: number) =>
  `expected a loopback address, such as 127.0.0.1:${port}, since no token protects this listener`;
const noTokens =
  '`tokens` is not supported in this version yet: it would protect nothing; without it the admin listener binds to ' +
  'loopback addresses alone';

describe('A mistake in the configuration is told with its place and what would be right:', () => {
  it.each<[string, string, string[]]>([
    ['an empty file', '', ['1:1: : the file is empty']],
    ['nothing but a comment', '# later\n', ['1:1: : the file is empty']],
    ['a number', '42\n', ['1:1: : expected a mapping, found 42']],
    ['a list', '- a\n', ['1:1: : expected a mapping, found a list']],
    ['a section without a value', 'lanes: 1\ndata:\n', ['2:1: data: expected a mapping, found nothing']],
    [
      'a misspelt key',
      'lanes: 1\nadmn: {}\n',
      [`2:1: admn: unknown key \`admn\`; did you mean \`admin\`? Known keys here: ${TOP}`],
    ],
    ['a foreign key', 'upstream: x\n', [`1:1: upstream: unknown key \`upstream\`; known keys here: ${TOP}`]],
    [
      "keys that every object of the program's language has",
      'constructor: 1\n__proto__: 2\n',
      ['2:1: : expected another key: `__proto__` is reserved'],
    ],
    [
      'several mistakes at once',
      'data:\n  listn: 127.0.0.1:8080\n  limits: { body: 10 }\nlanes: two\n',
      [
        '2:3: data.listn: unknown key `listn`; did you mean `listen`? Known keys here: listen, allowOverride, expose, limits',
        '3:19: data.limits.body: expected a size such as 64KiB, 16MiB or 1GiB, found 10',
        '4:8: lanes: expected a number, found "two"',
      ],
    ],
    ['a port without a host', 'data: { listen: 8080 }', [`1:17: data.listen: ${HOST_PORT}, found 8080`]],
    ['a host without a port', 'data: { listen: localhost }', [`1:17: data.listen: ${HOST_PORT}, found "localhost"`]],
    [
      'an impossible port',
      'data: { listen: 127.0.0.1:65536 }',
      ['1:17: data.listen: expected a port from 0 to 65535, found "127.0.0.1:65536"'],
    ],
    [
      'an impossible address',
      'data: { listen: 300.0.0.1:80 }',
      [`1:17: data.listen: ${HOST_PORT}, found "300.0.0.1:80"`],
    ],
    ['words for a switch', 'data: { expose: on }', ['1:17: data.expose: expected true or false, found "on"']],
    [
      'a body of two gibibytes',
      'data: { limits: { body: 2GiB } }',
      ['1:25: data.limits.body: expected at most 1GiB, found "2GiB"'],
    ],
    [
      'an admin listener for everybody',
      'admin:\n  listen: 0.0.0.0:8081\n',
      [`2:11: admin.listen: ${noToken(8081)}, found "0.0.0.0:8081"`],
    ],
    [
      'an admin listener on a name',
      'admin: { listen: gateway:1 }',
      [`1:18: admin.listen: ${noToken(1)}, found "gateway:1"`],
    ],
    [
      'an admin listener on every IPv6 address',
      'admin: { listen: "[::]:2" }',
      [`1:18: admin.listen: ${noToken(2)}, found "[::]:2"`],
    ],
    [
      'tokens, which nobody may believe in',
      'admin:\n  listen: 0.0.0.0:3\n  tokens: []\n',
      [`2:11: admin.listen: ${noToken(3)}, found "0.0.0.0:3"`, `3:3: admin.tokens: ${noTokens}`],
    ],
    [
      'mounts and metrics',
      'mounts: []\nmetrics: { public: false }\n',
      [
        '1:1: mounts: `mounts` is not supported in this version yet',
        '2:1: metrics: `metrics` is not supported in this version yet',
      ],
    ],
    [
      'another store',
      'store: { kind: etcd }',
      ['1:16: store.kind: "etcd" is not supported in this version yet: write `kind: file`'],
    ],
    ['an unknown store', 'store: { kind: redis }', ['1:16: store.kind: expected file, found "redis"']],
    ['no lanes', 'lanes: 0', ['1:8: lanes: expected at least 1, found 0']],
    ['half a lane', 'lanes: 2.5', ['1:8: lanes: expected a whole number, found 2.5']],
    ['more lanes than memory', 'lanes: 257', ['1:8: lanes: expected at most 256, found 257']],
    ['an empty path', 'plugins: ""', ['1:10: plugins: expected a path, found ""']],
    [
      'a path that is a number',
      'plugins: 1.10',
      ['1:10: plugins: expected a path, found 1.10; write it in quotes: "1.10"'],
    ],
    ['a path with a NUL', 'plugins: "a\\0b"', ['1:10: plugins: expected a path, found "a\\u0000b"']],
    ['one root that is no list', 'libraryRoots: /usr/lib', ['1:15: libraryRoots: expected a list, found "/usr/lib"']],
    [
      'a mistake in a list',
      'libraryRoots:\n  - /usr/lib\n  - [x]\n',
      ['3:5: libraryRoots[1]: expected a path, found a list'],
    ],
    [
      'a host with a port',
      'admin: { hosts: [a.b, "x:80"] }',
      ['1:23: admin.hosts[1]: expected a host name without a port, found "x:80"'],
    ],
    [
      'a mistake behind an alias, where the anchor is',
      'store: &s { path: 7 }\nadmin: { hosts: [] }\ndata: *s\n',
      [
        '1:13: data.path: unknown key `path`; known keys here: listen, allowOverride, expose, limits',
        '1:19: store.path: expected a path, found 7; write it in quotes: "7"',
      ],
    ],
    ['a key twice', 'lanes: 1\nlanes: 2\n', ['2:1: : duplicate key `lanes`: expected it once']],
    ['two documents', 'lanes: 1\n---\nlanes: 2\n', ['2:1: : expected one YAML document, found a second one']],
    ['a key that is a list', '? [a]\n: 1\n', ['1:3: : expected plain text as key']],
    ['an alias of nothing', 'lanes: *x\n', ['1:8: : expected an anchor &x before its alias']],
    ['an alias of what it stands in', 'data: &x { listen: *x }\n', ['1:20: : expected an anchor &x before its alias']],
    ['an unknown tag', 'data: !foo {}\n', ['1:7: : not valid YAML: Unresolved tag: !foo']],
    ['a tab', '\tlanes: 1', ['1:1: : not valid YAML: Tabs are not allowed as indentation']],
    ['an open quote', 'plugins: "x\n', ['2:1: : not valid YAML: Missing closing "quote']],
    [
      'an open bracket',
      'plugins: [\n',
      ['2:1: : not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await mistakes(text)).toEqual(expected);
  });

  it('text that is not UTF-8', async () => {
    const latin1 = Buffer.from('lanes: 1\n# caf\u00e9s\n', 'latin1');
    expect(await mistakes(latin1)).toEqual(['2:6: : expected text in UTF-8, found other bytes']);
    const cut = Buffer.from('lanes: 1 # \u00e9').subarray(0, -1);
    expect(await mistakes(cut)).toEqual(['1:12: : expected text in UTF-8, found other bytes']);
  });

  it('nesting that would exhaust the stack of a parser', async () => {
    for (const text of ['- ', '[', '? ', '{a: '].map((word) => word.repeat(15_000))) {
      const [mistake] = await mistakes(text);
      expect(mistake).toMatch(/^1:\d+: : expected less nesting: this is over 32 levels deep$/);
    }
  });

  it('more text than a gateway should stop for', async () => {
    expect(await mistakes('lanes: 1\n'.repeat(100_000))).toEqual([
      expect.stringMatching(/^\d+:\d+: : expected less text: this is over 100,000 words and signs$/),
    ]);
  });

  it('aliases that would multiply to billions', async () => {
    const levels = Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`);
    const all = await mistakes(`a0: &a0 [x]\n${levels.join('\n')}\ndata: *a40\n`);
    expect(all).toHaveLength(42);
    // Shown where the list is: at its anchor's line.
    expect(all).toContain('42:7: data: expected a mapping, found a list');
  });

  it('of thousands of mistakes the first hundred and how many are left', async () => {
    const all = await mistakes(Array.from({ length: 10_000 }, (_, i) => `key${i}: 1`).join('\n'));
    expect(all).toHaveLength(101);
    expect(all.at(-1)).toBe('101:1: : 9900 more mistakes from here on');
  });
});

describe('A configuration file that cannot be read is told as a mistake:', () => {
  it('one that is not there', async () => {
    const file = join(workspace(), 'banyan.yaml');
    expect(await refusal(() => readConfiguration(file))).toEqual([
      { file, line: 1, column: 1, path: '', message: 'there is no such file' },
    ]);
  });

  it('a folder', async () => {
    const root = workspace();
    mkdirSync(join(root, 'banyan.yaml'));
    const [problem] = await refusal(() => readConfiguration(join(root, 'banyan.yaml')));
    expect(problem?.message).toBe('expected a file');
  });

  it('one of more than a mebibyte, while one of a mebibyte is read', async () => {
    const file = join(workspace(), 'banyan.yaml');
    writeFileSync(file, `lanes: 1\n#${'x'.repeat(1024 * 1024 - 10)}`);
    expect((await readConfiguration(file)).lanes).toBe(1);
    writeFileSync(file, `lanes: 1\n#${'x'.repeat(1024 * 1024 - 9)}`);
    const [problem] = await refusal(() => readConfiguration(file));
    expect(problem?.message).toBe('expected at most 1 MiB');
  });
});
