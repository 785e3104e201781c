import { once } from 'node:events';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exampleFolder } from '../end-to-end/gateway-process.js';
import { banyan, start } from './banyan.js';

let folder: string;
let config: string;
let corpus: string;
beforeEach(async () => {
  folder = await exampleFolder();
  config = join(folder, 'banyan.yaml');
  corpus = join(folder, 'corpus.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const order = (quantity: number): object => ({
  input: { text: JSON.stringify({ sku: 'fig', unitPriceCents: 1, quantity, discountPercent: 50 }) },
});
const write = (lines: readonly object[], file = corpus): Promise<void> =>
  writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
const verify = (...args: readonly string[]) => banyan(['verify', ...args, '--config', config]);
const fuzz = (...args: readonly string[]) => banyan(['fuzz', ...args, '--config', config]);

describe('verify', () => {
  it('ends with 0 where all lines are equal', async () => {
    await write([{ input: { text: 'hello' } }, { input: { text: '' } }]);
    const { status, out, err } = await verify('vowels/count', '--corpus', corpus);
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(/^vowels\/count: equal\n2 lines .*: 2 equal, 0 different\n$/);
  });

  it('ends with 1 where some differ, says where, and writes a report', async () => {
    await write([order(1), order(2), order(4), order(5)]);
    const junit = join(folder, 'report.xml');
    const { status, out } = await verify('pricing/quote', '--corpus', corpus, '--junit', junit);
    expect(status).toBe(1);
    expect(out).toContain('pricing/quote: different');
    expect(out).toContain(`2 lines of quote: /discountCents, value; first ${corpus}:1: legacy 1, wasm 0`);
    const report = await readFile(junit, 'utf8');
    expect(report).toContain('<testsuite name="pricing/quote" tests="4" failures="2" errors="0"');
    expect(report.match(/<failure /g)).toHaveLength(2);
  });

  it('prints a machine form', async () => {
    await write([order(1), order(2)]);
    const { status, out } = await verify('pricing', '--corpus', corpus, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      target: 'pricing',
      equal: false,
      lines: 2,
      counts: { match: 1, mismatch: 1 },
      places: [
        {
          function: 'quote',
          pointer: '/discountCents',
          kind: 'value',
          count: 1,
          example: { line: 1, legacy: '1', wasm: '0' },
        },
        {},
        {},
      ],
    });
  });

  it('runs all functions of a plugin, by a folder of files', async () => {
    const all = join(folder, 'corpora');
    await mkdir(all);
    await write([{ input: { text: 'hello' } }], join(all, 'count.jsonl'));
    await write([{ input: { text: 'hello' } }, { input: { text: 'why' } }], join(all, 'list.jsonl'));
    const { status, out } = await verify('vowels', '--corpus', all);
    expect(status).toBe(0);
    expect(out).toContain('3 equal, 0 different');
  });

  it('loses the line that crashes a side, and no other', async () => {
    await write([
      ...Array.from({ length: 50 }, () => ({ function: 'echo', input: { text: 'a' } })),
      { function: 'segfault', input: { text: '' } },
      { function: 'exit0', input: { text: '' } },
      ...Array.from({ length: 50 }, () => ({ function: 'echo', input: { text: 'b' } })),
    ]);
    const { status, out } = await verify('faulty', '--corpus', corpus, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ counts: { match: 100, mismatch: 2 } });
  });

  it('answers what a module asks of other plugins', async () => {
    const plugin = join(folder, 'plugins/relay');
    await mkdir(plugin);
    await cp('build/fixtures/wasm/relay.wasm', join(plugin, 'relay.wasm'));
    await cp('build/fixtures/legacy/libfaulty.so', join(plugin, 'libfaulty.so'));
    await writeFile(
      join(plugin, 'plugin.yaml'),
      `name: relay
version: 1.0.0
functions: { relay: { effects: pure, compare: { as: text } } }
backends:
  legacy: { kind: native, library: libfaulty.so, functions: { relay: { symbol: faulty_echo, convention: buffer } } }
  wasm: { kind: wasm, module: relay.wasm, calls: [vowels/count] }
`,
    );
    await write([{ input: { text: 'vowels/count hello' } }]);
    const { out } = await verify('relay', '--corpus', corpus, '--json');
    const { places } = JSON.parse(out) as { places: { example: { wasm: string } }[] };
    expect(places[0]?.example.wasm).toContain('200 {\\"count\\":2}');
  });

  it.each([
    [['pricin/quote'], 'banyan: no plugin is called pricin; did you mean pricing?'],
    [['pricing/quot'], 'banyan: plugin pricing has no function quot; did you mean quote?'],
    [['cart'], 'banyan: plugin cart has no legacy backend: there is nothing to compare'],
  ])('ends with 1 and a plain sentence for %j', async (args, message) => {
    await write([order(1)]);
    const { status, out, err } = await verify(...args, '--corpus', corpus);
    expect([status, out]).toEqual([1, '']);
    expect(err).toBe(`${message}\n`);
  });

  it('ends with 1 for bad lines, before it runs any', async () => {
    await writeFile(corpus, `${JSON.stringify(order(1))}\n{"input": 3}\nnonsense\n`);
    const { status, out, err } = await verify('pricing/quote', '--corpus', corpus);
    expect([status, out]).toEqual([1, '']);
    expect(err).toContain(`${corpus}:2:1: input: expected {"text": "…"} or {"base64": "…"}`);
    expect(err).toContain(`${corpus}:3:1: expected a JSON object`);
  });

  it('runs what may not be run twice only where it is told to', async () => {
    await write([
      { function: 'leak', input: { text: '' } },
      { function: 'echo', input: { text: '' } },
    ]);
    const refused = await verify('faulty', '--corpus', corpus);
    expect(refused.status).toBe(1);
    expect(refused.err).toContain('faulty/leak may not be run twice: its effects are unsafe');
    expect((await verify('faulty', '--corpus', corpus, '--allow-unsafe')).out).toContain('2 lines');
    expect((await verify('faulty/echo', '--corpus', corpus)).status).toBe(0);
  });

  it('ends with 2 for wrong usage', async () => {
    expect((await verify('pricing/quote')).status).toBe(2);
    expect((await verify('pricing/quote/x', '--corpus', corpus)).status).toBe(2);
    expect((await verify('pricing', '--corpus', corpus, '--limit', 'ten')).status).toBe(2);
  });

  it('says what it saw when it is interrupted, and leaves no process behind', async () => {
    await write(Array.from({ length: 200_000 }, (_, index) => order(index % 4)));
    const child = start(['verify', 'pricing', '--corpus', corpus, '--config', config]);
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const ended = once(child, 'close');
    await nativeChildOf(child.pid!);
    child.kill('SIGINT');
    expect(await ended).toEqual([1, null]);
    expect(out).toMatch(/^interrupted after [\d,]+ of 200,000 lines/m);
  });
});

/** Waits until the program has started its library's process. */
async function nativeChildOf(pid: number): Promise<void> {
  for (;;) {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    if (children.trim() !== '') return;
    await pause(20);
  }
}

describe('fuzz', () => {
  const out = () => join(folder, 'found.jsonl');

  it('ends with 1 where it found a difference, and keeps it as a line that verify runs', async () => {
    const found = await fuzz('pricing/quote', '--seed', '1', '--runs', '20000', '--out', out());
    expect(found.status).toBe(1);
    expect(found.err).toBe(`inputs: JSON by ${join(folder, 'plugins/pricing/quote.schema.json')}; seed 1\n`);
    expect(found.out).toContain('a difference at run');
    expect(found.out).toContain(`banyan verify pricing/quote --corpus ${out()}`);
    await fuzz('pricing/quote', '--seed', '2', '--out', out());
    const lines = (await readFile(out(), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      function: 'quote',
      differences: expect.arrayContaining([
        expect.objectContaining({ pointer: '/totalCents', kind: 'value' }),
      ]) as object[],
    });
    expect((await verify('pricing/quote', '--corpus', out())).out).toContain('0 equal, 2 different');
  });

  it('finds the same by the same seed', async () => {
    const args = ['pricing/quote', '--seed', '9', '--json', '--out', out()];
    const [one, other] = [await fuzz(...args), await fuzz(...args)].map(
      (ran) => (JSON.parse(ran.out) as { finding: { run: number; line: { input: object } } }).finding,
    );
    expect([one?.run, one?.line.input]).toEqual([other?.run, other?.line.input]);
  });

  it('ends with 0 where it found none', async () => {
    const { status, out: said } = await fuzz('crc/checksum', '--runs', '2000', '--seed', '1');
    expect(status).toBe(0);
    expect(said).toMatch(/^crc\/checksum: no difference found in 2,000 runs \(seed 1; /);
  });

  it('goes by a corpus, and by a schema that it is given', async () => {
    await write([order(2)]);
    const changed = await fuzz('pricing/quote', '--corpus', corpus, '--seed', '1', '--out', out());
    expect([changed.status, changed.err]).toEqual([1, expect.stringContaining('changes to 1 input of')]);
    const schema = join(folder, 'none.schema.json');
    await writeFile(schema, JSON.stringify({ type: 'object', properties: { sku: { const: 'a' } } }));
    expect((await fuzz('pricing/quote', '--schema', schema, '--runs', '500')).status).toBe(0);
    await writeFile(schema, JSON.stringify({ type: 'object', patternProperties: {} }));
    const refused = await fuzz('pricing/quote', '--schema', schema);
    await writeFile(schema, '{"type": "object",}');
    expect((await fuzz('pricing/quote', '--schema', schema)).err).toContain(
      `banyan: the schema ${schema} cannot be read: expected JSON: `,
    );
    await writeFile(schema, '\ufeff{"const": {"sku": "a"}}');
    expect((await fuzz('pricing/quote', '--schema', schema, '--runs', '50')).status).toBe(0);
    expect([refused.status, refused.err]).toEqual([
      1,
      `banyan: ${schema}: /patternProperties: the keyword patternProperties is not supported\n`,
    ]);
  });

  it('ends with 1 for what may not be run twice, and with 2 for wrong usage', async () => {
    expect((await fuzz('faulty/leak')).status).toBe(1);
    expect((await fuzz('pricing')).status).toBe(2);
    expect((await fuzz('pricing/quote', '--seed', '-1')).status).toBe(2);
    // To try nothing would prove nothing, with a status of 0.
    expect((await fuzz('pricing/quote', '--runs', '0')).status).toBe(2);
    expect((await verify('pricing', '--corpus', corpus, '--limit', '0')).status).toBe(2);
  });
});
