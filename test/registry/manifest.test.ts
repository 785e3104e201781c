import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MANIFEST, onlyPlugin, pluginFiles, workspace } from './workspace.js';
import { functionNamed } from '../functions.js';

const hex = (content: string) => createHash('sha256').update(content).digest('hex');

/** A result that says nothing. */
const NONE = { as: 'none', at: null, free: null, status: null, error: null, errno: false };

/** The mistakes of the good manifest with one part of it changed. */
async function mistakes(part: string | RegExp, change: string): Promise<string[]> {
  const root = workspace(pluginFiles(MANIFEST.replace(part, () => change)));
  const found = await onlyPlugin(root);
  return Array.isArray(found) ? found : [];
}

describe('A manifest', () => {
  it('becomes a plugin with every default filled in', async () => {
    const root = workspace(pluginFiles(MANIFEST));
    const library = { path: join(root, 'plugins/pricing/a.so'), sha256: hex('a library') };
    const module = { path: join(root, 'plugins/pricing/a.wasm'), sha256: hex('a module') };
    const outputLimit = 16 * 1024 * 1024;
    expect(await onlyPlugin(root)).toEqual({
      name: 'pricing',
      version: '1.4.0',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      functions: new Map([
        [
          'quote',
          functionNamed('quote', {
            effects: 'pure',
            timeoutMs: 500,
            compareDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          }),
        ],
      ]),
      limits: { queue: 1000, output: outputLimit },
      backends: {
        legacy: {
          kind: 'native',
          plugin: 'pricing',
          version: '1.4.0',
          library,
          functions: new Map([['quote', { convention: 'buffer', symbol: 'pricing_quote' }]]),
          types: [],
          init: null,
          shutdown: null,
          lastError: null,
          free: 'free',
          abi: null,
          isolation: 'process',
          group: null,
          containment: 'preferred',
          rights: { network: false, spawn: false, paths: new Map() },
          poolSize: 1,
          memory: null,
          restarts: { max: 5, withinMs: 60_000, restMs: 10_000 },
          recycle: { calls: null, growth: null },
          config: new Map(),
          outputLimit,
        },
        wasm: {
          kind: 'wasm',
          plugin: 'pricing',
          version: '1.4.0',
          module,
          functions: new Map([['quote', 'quote']]),
          link: new Map(),
          memory: 64 * 1024 * 1024,
          instance: 'reuse',
          config: new Map(),
          hosts: [],
          paths: new Map(),
          calls: [],
          isolation: 'thread',
          containment: 'preferred',
          outputLimit,
        },
      },
    });
  });

  it('may say everything itself', async () => {
    const manifest = `name: pricing
version: "2.0"
functions:
  quote:
    effects: idempotent
    input: application/json
    output: text/plain; charset=utf-8
    timeout: 2s
    key: { header: X-Tenant }
    compare: { as: json, ignore: [/generatedAt, /items/*/id], tolerance: 1e-9 }
  sum: { effects: pure }
  best: {}
limits: { queue: 5, output: 1KiB }
backends:
  legacy:
    kind: native
    version: 1.9.9
    library: a.so
    free: pricing_free
    isolation: in-process
    group: prices
    containment: none
    hosts: ['*']
    paths: { /in: ./in, /tmp/out: "rw:/srv/out" }
    spawn: true
    config: { CURRENCY: EUR }
    recycle: { calls: 1000, growth: 1GiB }
    types:
      pricing: opaque
      money: int64_t
      price: { item: "char[16]", net: money, taxes: "money[4]" }
    init: pricing_new
    shutdown: pricing_end
    last_error: { prototype: "const char *pricing_error(pricing *p)", args: [$handle] }
    functions:
      quote: { convention: cstring }
      best:
        prototype: "int pricing_best(pricing *p, const char *mode, uint8_t *to, size_t *to_len, price *best, char **why, int n)"
        symbol: pricing_best_v2
        args: [$handle, { text: fast }, { out: body, capacity: 1.5x + 64 }, { out: length }, { inout: /best }, { out: text, free: give }, { length: /x }]
        result: { as: json, at: /n, error: negative, errno: true }
      sum:
        prototype: "unsigned long crc32(unsigned long crc, const uint8_t *buf, unsigned int len)"
        args: [0, $body, $length, /a/b]
        result: json
    pool: { size: 3 }
    memory: 512MiB
    restarts: { max: 1, within: 1m, rest: 250ms }
  wasm:
    kind: wasm
    version: 2.0.1
    module: a.wasm
    sha256: ${hex('a module').toUpperCase()}
    functions: { sum: { export: add } }
    link: { "extism:host/user": upper.wasm }
    memory: 128MiB
    instance: fresh
    config: { currency: EUR }
    hosts: ["https://*.example.org", "private:db.internal:5000"]
    paths: { /data: ./data, /out: "rw:/srv/out" }
    isolation: process
    containment: required
`;
    const root = workspace({ ...pluginFiles(manifest), 'plugins/pricing/upper.wasm': 'upper' });
    const folder = join(root, 'plugins/pricing');
    expect(await onlyPlugin(root)).toMatchObject({
      functions: new Map([
        [
          'quote',
          functionNamed('quote', {
            effects: 'idempotent',
            input: 'application/json',
            output: 'text/plain; charset=utf-8',
            timeoutMs: 2000,
            keyHeader: 'x-tenant',
            compare: {
              as: 'json',
              ignore: ['/generatedAt', '/items/*/id'],
              unordered: [],
              tolerance: { absolute: 1e-9, relative: 0 },
            },
            compareDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          }),
        ],
        ['sum', expect.objectContaining({ effects: 'pure', timeoutMs: 10_000 })],
        ['best', expect.objectContaining({ effects: 'unsafe' })],
      ]),
      limits: { queue: 5, output: 1024 },
      backends: {
        legacy: {
          version: '1.9.9',
          free: 'pricing_free',
          isolation: 'in-process',
          group: 'prices',
          containment: 'none',
          rights: {
            network: true,
            spawn: true,
            paths: new Map([
              ['/in', join(folder, 'in')],
              ['/tmp/out', 'rw:/srv/out'],
            ]),
          },
          config: new Map([['CURRENCY', 'EUR']]),
          recycle: { calls: 1000, growth: 1024 ** 3 },
          types: [
            { name: 'pricing', is: 'opaque' },
            { name: 'money', is: 'alias', of: 'int64_t' },
            {
              name: 'price',
              is: 'struct',
              fields: [
                { name: 'item', type: 'char[16]' },
                { name: 'net', type: 'money' },
                { name: 'taxes', type: 'money[4]' },
              ],
            },
          ],
          init: {
            symbol: 'pricing_new',
            prototype: 'void *pricing_new(void)',
            args: [],
            result: { ...NONE, as: 'handle', error: 'null' },
          },
          shutdown: {
            symbol: 'pricing_end',
            prototype: 'void pricing_end(void *handle)',
            args: ['$handle'],
            result: NONE,
          },
          lastError: {
            symbol: 'pricing_error',
            prototype: 'const char *pricing_error(pricing *p)',
            args: ['$handle'],
            result: 'text',
          },
          functions: new Map([
            ['quote', { convention: 'cstring', symbol: 'quote' }],
            [
              'best',
              expect.objectContaining({
                symbol: 'pricing_best_v2',
                args: [
                  '$handle',
                  { text: 'fast' },
                  { out: 'body', capacity: { factor: 1.5, bytes: 64 } },
                  { out: 'length' },
                  { inout: '/best' },
                  { out: 'text', free: 'give' },
                  { length: '/x' },
                ],
                result: { as: 'json', at: '/n', free: null, status: null, error: 'negative', errno: true },
              }),
            ],
            [
              'sum',
              {
                convention: 'prototype',
                symbol: 'crc32',
                prototype: 'unsigned long crc32(unsigned long crc, const uint8_t *buf, unsigned int len)',
                args: [0, '$body', '$length', '/a/b'],
                result: 'json',
              },
            ],
          ]),
          poolSize: 3,
          memory: 512 * 1024 * 1024,
          restarts: { max: 1, withinMs: 60_000, restMs: 250 },
          outputLimit: 1024,
        },
        wasm: {
          version: '2.0.1',
          functions: new Map([
            ['quote', 'quote'],
            ['sum', 'add'],
            ['best', 'best'],
          ]),
          link: new Map([['extism:host/user', { path: join(folder, 'upper.wasm'), sha256: hex('upper') }]]),
          memory: 128 * 1024 * 1024,
          instance: 'fresh',
          config: new Map([['currency', 'EUR']]),
          hosts: [
            { scheme: 'https', host: { kind: 'below', domain: 'example.org', private: false }, port: null },
            { scheme: null, host: { kind: 'name', name: 'db.internal', private: true }, port: 5000 },
          ],
          paths: new Map([
            ['/data', join(folder, 'data')],
            ['/out', 'rw:/srv/out'],
          ]),
          isolation: 'process',
          containment: 'required',
          outputLimit: 1024,
        },
      },
    });
  });

  it.each([
    ['legacy', / {2}wasm:[^]*/],
    ['wasm', / {2}legacy:[^]*(?= {2}wasm:)/],
  ])('may have the %s backend alone', async (side, other) => {
    const plugin = await onlyPlugin(workspace(pluginFiles(MANIFEST.replace(other, ''))));
    if (Array.isArray(plugin)) throw new Error(plugin.join('\n'));
    expect(Object.entries(plugin.backends).flatMap(([name, spec]) => (spec === null ? [] : [name]))).toEqual([side]);
  });
});

const BUFFER = '{ symbol: pricing_quote, convention: buffer }';
const FUNCTION = 'backends.legacy.functions.quote';
const DURATION = 'expected a duration such as 500ms, 2s, 1m or 1h';
const ARGUMENT =
  'expected a number, true, false, null, $body, $text, $length, $capacity, $handle, $config, a JSON pointer into the body such as /x, ' +
  'or a mapping such as { text: fast }, { length: /xs }, { out: body, capacity: "1.1x + 64" }, { out: length }, { out: /y } or { inout: /x }';
const OUT = 'expected length, handle or a JSON pointer such as /y; body and text need a capacity, or free, beside them';
const CAPACITY = 'expected a number of bytes, or <factor>x + <bytes> of the length of the body, such as "1.1x + 64"';
const RESULT = 'expected json, text, or a mapping such as { as: text, free: free } or { status: 0 }';
const TYPE =
  'expected opaque, a C type such as uint32_t, or a mapping of fields such as { x: double, name: "char[16]" }';
const HOST =
  'expected a host as [http:// or https://]host[:port], such as https://api.example.com, "*.example.com", 10.0.0.5:8080 or "[::1]:8080"';

describe('A mistake in a manifest is told with its place and what would be right:', () => {
  it.each<[string, string | RegExp, string, string[]]>([
    ['no name', 'name: pricing\n', '', ['1:1: name: missing key `name`: expected text']],
    [
      "a name that is not the folder's",
      'name: pricing',
      'name: prices',
      ['1:7: name: expected "pricing", the name of its folder, found "prices"'],
    ],
    [
      'a version that YAML takes for a number',
      '1.4.0',
      '1.10',
      ['2:10: version: expected a version such as 1.4.0, found 1.10; write it in quotes: "1.10"'],
    ],
    [
      'a misspelt key',
      'timeout',
      'timeouts',
      [
        '6:5: functions.quote.timeouts: unknown key `timeouts`; did you mean `timeout`? ' +
          'Known keys here: effects, input, output, timeout, key, compare, error, redact, trip, fallback, retire',
      ],
    ],
    [
      'a time-out of which wasm would get nothing',
      'effects: pure',
      'fallback: { reserve: 100 }',
      [
        '5:26: functions.quote.fallback.reserve: expected at most 90: wasm needs a part of the time-out, too, found 100',
      ],
    ],
    ['a duration without a unit', '500ms', '500', [`6:14: functions.quote.timeout: ${DURATION}, found 500`]],
    ['a duration of days', '500ms', '25h', ['6:14: functions.quote.timeout: expected at most 24h, found "25h"']],
    [
      'an unknown word',
      'pure',
      'Pure',
      ['5:14: functions.quote.effects: expected pure, idempotent or unsafe, found "Pure"'],
    ],
    [
      'no functions',
      /functions:\n[^]*?backends/,
      'functions: {}\nbackends',
      ['3:12: functions: expected at least one function'],
    ],
    [
      'a function without a name that can stand in an address',
      '  quote:\n',
      '  "a quote":\n',
      [
        '4:3: functions["a quote"]: expected a name: a letter, digit or _ first, then up to 63 of those, . or -, ' +
          'found "a quote"',
      ],
    ],
    ['no backend', /backends:[^]*/, 'backends: {}\n', ['7:11: backends: expected a backend: legacy, wasm or both']],
    ['backends left empty', /backends:[^]*/, 'backends:\n', ['7:1: backends: expected a mapping, found nothing']],
    [
      'another kind of legacy backend',
      'kind: native',
      'kind: pluggy',
      ['9:11: backends.legacy.kind: "pluggy" is not supported in this version yet: write `kind: native`'],
    ],
    ['no kind', '    kind: native\n', '', ['8:3: backends.legacy.kind: missing key `kind`: expected native']],
    ['the wrong kind', 'kind: wasm', 'kind: native', ['14:11: backends.wasm.kind: expected wasm, found "native"']],
    [
      'a function that a backend names otherwise',
      'quote: {',
      'quot: {',
      [
        `11:5: ${FUNCTION}: missing key \`quote\`: expected how this function is called, such as { symbol: quote, convention: buffer }`,
        '12:7: backends.legacy.functions.quot: unknown function `quot`; did you mean `quote`? Declared under functions: quote',
      ],
    ],
    [
      'an export for a function that nobody declared',
      'module: a.wasm',
      'module: a.wasm\n    functions: { total: { export: t } }',
      ['16:18: backends.wasm.functions.total: unknown function `total`; declared under functions: quote'],
    ],
    [
      'an unknown convention',
      'convention: buffer',
      'convention: stdcall',
      [`12:51: ${FUNCTION}.convention: expected buffer, cstring or stable, found "stdcall"`],
    ],
    [
      'a symbol without a convention',
      BUFFER,
      '{ symbol: f }',
      [
        `12:7: ${FUNCTION}.convention: missing key \`convention\`: expected buffer or cstring, a prototype instead, or \`abi: stable\``,
      ],
    ],
    [
      'a prototype without its arguments',
      BUFFER,
      '{ prototype: "int f(int)" }',
      [
        `12:7: ${FUNCTION}.args: missing key \`args\`: expected a list`,
        `12:7: ${FUNCTION}.result: missing key \`result\`: ${RESULT}`,
      ],
    ],
    [
      'a prototype with a convention',
      BUFFER,
      '{ prototype: "int f(int)", args: [1], result: json, convention: buffer }',
      [`12:66: ${FUNCTION}.convention: unknown key \`convention\`; known keys here: prototype, symbol, args, result`],
    ],
    [
      'a declaration that YAML ends at its first comma',
      BUFFER,
      '{ prototype: double pow(double x, double y), args: [/x, /y], result: json }',
      [
        `12:27: ${FUNCTION}.prototype: expected one C function declaration, in quotes where braces are around it: a comma ends it there otherwise, found "double pow(double x"`,
        `12:48: ${FUNCTION}["double y)"]: unknown key \`double y)\`; known keys here: prototype, symbol, args, result`,
      ],
    ],
    [
      'no declaration of C',
      BUFFER,
      '{ prototype: "int", args: [], result: json }',
      [
        `12:27: ${FUNCTION}.prototype: expected one C function declaration such as "double pow(double x, double y)", found "int"`,
      ],
    ],
    [
      'half a byte of capacity',
      BUFFER,
      '{ prototype: "int f(char *to)", args: [{ out: body, capacity: 1.5 }], result: { as: none } }',
      [`12:76: ${FUNCTION}.args[0].capacity: ${CAPACITY}, found 1.5`],
    ],
    [
      'a declaration that is too long',
      BUFFER,
      `{ prototype: "${'int f('.repeat(20_000)}", args: [], result: json }`,
      [`12:27: ${FUNCTION}.prototype: expected at most 4096 characters, found "${'int f('.repeat(10)}…"`],
    ],
    [
      'arguments that there are not',
      BUFFER,
      '{ prototype: "int f(int)", args: [x, $Body, { out: body }, [1], { out: body, capacity: 2x+ 1b }, { txt: x }, { inout: x }], result: json }',
      [
        `12:48: ${FUNCTION}.args[0]: ${ARGUMENT}, found "x"`,
        `12:51: ${FUNCTION}.args[1]: ${ARGUMENT}, found "$Body"`,
        `12:65: ${FUNCTION}.args[2].out: ${OUT}, found "body"`,
        `12:73: ${FUNCTION}.args[3]: ${ARGUMENT}, found a list`,
        `12:101: ${FUNCTION}.args[4].capacity: ${CAPACITY}, found "2x+ 1b"`,
        `12:111: ${FUNCTION}.args[5].text: missing key \`text\`: expected text`,
        `12:113: ${FUNCTION}.args[5].txt: unknown key \`txt\`; did you mean \`text\`? Known keys here: text`,
        `12:132: ${FUNCTION}.args[6].inout: expected a JSON pointer such as /x, found "x"`,
      ],
    ],
    [
      'results that there are not',
      BUFFER,
      '{ prototype: "int f(int)", args: [1], result: { as: xml, at: x, error: positive, status: "0", frees: x } }',
      [
        `12:66: ${FUNCTION}.result.as: expected json, text, bytes, length, handle or none, found "xml"`,
        `12:75: ${FUNCTION}.result.at: expected a JSON pointer such as /x, found "x"`,
        `12:85: ${FUNCTION}.result.error: expected negative, zero, nonzero, null or errno, found "positive"`,
        `12:103: ${FUNCTION}.result.status: expected a number, found "0"`,
        `12:108: ${FUNCTION}.result.frees: unknown key \`frees\`; did you mean \`free\`? Known keys here: as, at, free, status, error, errno`,
      ],
    ],
    [
      'a result of another kind',
      BUFFER,
      '{ prototype: "int f(int)", args: [1], result: bytes }',
      [`12:60: ${FUNCTION}.result: ${RESULT}, found "bytes"`],
    ],
    [
      'types that there are not',
      'library: a.so',
      'library: a.so\n    types: { 1st: int, a: "int; rm", b: 5, c: {}, d: { "x y": int, z: "char[x]" } }',
      [
        '11:14: backends.legacy.types.1st: expected the name of a C type such as point, found "1st"',
        `11:27: backends.legacy.types.a: ${TYPE}, found "int; rm"`,
        `11:41: backends.legacy.types.b: ${TYPE}, found 5; write it in quotes: "5"`,
        '11:47: backends.legacy.types.c: expected 1 to 256 fields',
        '11:56: backends.legacy.types.d["x y"]: expected the name of a field, found "x y"',
        `11:71: backends.legacy.types.d.z: ${TYPE}, found "char[x]"`,
      ],
    ],
    [
      'calls of the gateway itself that cannot be',
      'library: a.so',
      'library: a.so\n    init: a-b\n    shutdown: { args: [] }\n    last_error: [1]',
      [
        '11:11: backends.legacy.init: expected the name of a C symbol, found "a-b"',
        '12:5: backends.legacy.shutdown.prototype: missing key `prototype`: expected one C function declaration such as "double pow(double x, double y)"',
        '13:17: backends.legacy.last_error: expected the name of a C symbol, found a list',
      ],
    ],
    [
      'a bare word for a function',
      BUFFER,
      'pricing_quote',
      [`12:14: ${FUNCTION}: expected a mapping, found "pricing_quote"`],
    ],
    [
      'several mistakes at once',
      'library: a.so',
      'library: a.so\n    isolation: thread\n    containment: some\n    hosts: [example.org]\n    free: my-free\n' +
        '    pool: { size: 0 }\n    memory: 1\n    restarts: { max: -1, within: 5 }',
      [
        '11:16: backends.legacy.isolation: expected process or in-process, found "thread"',
        '12:18: backends.legacy.containment: expected required, preferred or none, found "some"',
        '13:13: backends.legacy.hosts[0]: expected [] or ["*"]: native code has the network or it has none, nothing finer can be enforced, found "example.org"',
        '14:11: backends.legacy.free: expected the name of a C symbol, found "my-free"',
        '15:19: backends.legacy.pool.size: expected at least 1, found 0',
        '16:13: backends.legacy.memory: expected a size such as 64KiB, 16MiB or 1GiB, found 1',
        '17:22: backends.legacy.restarts.max: expected at least 0, found -1',
        `17:34: backends.legacy.restarts.within: ${DURATION}, found 5`,
      ],
    ],
    [
      'limits of the guest',
      'module: a.wasm',
      'module: a.wasm\n    memory: 5GiB\n    config: { a: 1, b: {} }\n    paths: { data: ./x }\n    instance: once\n    link: { main: a.wasm }\n    isolation: container\n    containment: some',
      [
        '16:13: backends.wasm.memory: expected 64KiB to 4GiB, which is what wasm can address, found "5GiB"',
        '17:18: backends.wasm.config.a: expected text, found 1; write it in quotes: "1"',
        '17:24: backends.wasm.config.b: expected text, found a mapping',
        '18:14: backends.wasm.paths.data: expected an absolute path as the plugin sees it, such as /data, found "data"',
        '19:15: backends.wasm.instance: expected reuse or fresh, found "once"',
        '20:13: backends.wasm.link.main: expected a name other than main and extism:host/env, found "main"',
        '21:16: backends.wasm.isolation: expected thread or process, found "container"',
        '22:18: backends.wasm.containment: expected required, preferred or none, found "some"',
      ],
    ],
    [
      'hosts that nobody could mean',
      'module: a.wasm',
      'module: a.wasm\n    hosts: [api.example.org/v1, 10.1, "private:*", "a:99999", 5]',
      [
        `16:13: backends.wasm.hosts[0]: ${HOST}, found "api.example.org/v1"`,
        `16:33: backends.wasm.hosts[1]: ${HOST}, found 10.1`,
        '16:39: backends.wasm.hosts[2]: expected private: before a name alone; an address, and localhost, say it themselves, found "private:*"',
        '16:52: backends.wasm.hosts[3]: expected a port from 1 to 65535, found "a:99999"',
        `16:63: backends.wasm.hosts[4]: ${HOST}, found 5`,
      ],
    ],
    [
      'a comparison that would count for nothing',
      'effects: pure',
      'compare: { ignore: [/a] }',
      ['5:14: functions.quote.compare: expected `as: json` beside ignore, which means nothing for other outputs'],
    ],
    [
      'a module that compares, and a rule beside it',
      'effects: pure',
      'compare: { by: compare.js, as: json, ignore: [/a] }',
      [
        '5:14: functions.quote.compare: expected `by` without as and ignore: the module alone decides',
        '5:20: functions.quote.compare.by: "compare.js": there is no such file',
      ],
    ],
    [
      'a module that compares, and lies elsewhere',
      'effects: pure',
      'compare: { by: ../../banyan.yaml }',
      ['5:20: functions.quote.compare.by: "../../banyan.yaml" leads out of the plugin\'s folder, to /banyan.yaml'],
    ],
    [
      'pointers, numbers, headers and media types',
      'effects: pure',
      'compare: { as: json, ignore: [a], tolerance: -1, unordered: ["", a] }\n    key: { header: "a b" }\n    input: json',
      [
        '5:35: functions.quote.compare.ignore[0]: expected a JSON pointer such as /total or /items/*/price, found "a"',
        '5:50: functions.quote.compare.tolerance: expected at least 0, found -1',
        '5:70: functions.quote.compare.unordered[1]: expected a JSON pointer such as /items, or "" for the whole document, found "a"',
        '6:20: functions.quote.key.header: expected the name of a request header such as x-tenant, found "a b"',
        '7:12: functions.quote.input: expected a media type such as application/json, found "json"',
      ],
    ],
    [
      'limits of the plugin',
      'version: 1.4.0',
      'version: 1.4.0\nlimits: { queue: 0, output: 2GiB, body: 1MiB }',
      [
        '3:18: limits.queue: expected at least 1, found 0',
        '3:29: limits.output: expected at most 1GiB, found "2GiB"',
        '3:35: limits.body: unknown key `body`; known keys here: queue, output',
      ],
    ],
    ['a key twice', 'kind: wasm', 'kind: wasm\n    kind: wasm', ['15:5: : duplicate key `kind`: expected it once']],
    [
      'a file that is missing beside a misspelt key',
      'module: a.wasm',
      'modul: a.wasm\n    sha256: 0',
      [
        '13:3: backends.wasm.module: missing key `module`: expected a path',
        '15:5: backends.wasm.modul: unknown key `modul`; did you mean `module`? ' +
          'Known keys here: kind, version, module, sha256, functions, link, memory, instance, config, hosts, paths, calls, isolation, containment',
        '16:13: backends.wasm.sha256: expected a SHA-256 digest of 64 hexadecimal digits, found 0; write it in quotes: "0"',
      ],
    ],
    [
      'a module that is not there',
      'a.wasm',
      'b.wasm',
      ['15:13: backends.wasm.module: "b.wasm": there is no such file'],
    ],
    [
      'a module outside',
      'a.wasm',
      '/a.wasm',
      ['15:13: backends.wasm.module: expected a path inside the plugin\'s folder, found "/a.wasm"'],
    ],
    [
      'a module that is not the one that its owner hashed',
      'module: a.wasm',
      `module: a.wasm\n    sha256: ${'a'.repeat(64)}`,
      [`16:13: backends.wasm.sha256: expected the module's digest, which is ${hex('a module')}`],
    ],
  ])('%s', async (_, part, change, expected) => {
    expect(await mistakes(part, change)).toEqual(expected);
  });
});
