import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openEvidence } from '#src/evidence/book.js';
import { emptyLedger } from '#src/evidence/ledger.js';
import { createShelf } from '#src/evidence/shelf.js';
import { compared, difference, folder, liveFunction, NOON, observation, opened, times } from './seen.js';

async function fill(at: string): Promise<void> {
  const { book } = await opened({ folder: at });
  const live = liveFunction();
  times(50, () => book.observe(observation({ backend: 'legacy', callMs: 3, queueMs: 0.2 }), live));
  times(50, () => book.observe(observation({ outcome: 'trapped', role: 'shadow' }), live));
  times(20, () => book.compared(compared(live, 'match')));
  times(3, () => book.compared(compared(live, 'mismatch', { differences: [difference('/at')] })));
  times(2, () => book.compared(compared(live, 'mismatch', { differences: [difference('/total')] })));
  book.compared(compared(live, 'wasm-failed'));
  times(4, () => book.dropped(live, 'queue-full'));
  book.noise({ live, differences: [difference('/at')] });
  await book.close();
}

test('a restart goes on with everything that was known', async () => {
  const at = await folder();
  await fill(at);
  const once = await opened({ folder: at, at: NOON + 5_000 });
  const live = liveFunction();
  const before = await once.book.view(live);
  expect(before.current).toMatchObject({
    since: '2026-11-22T12:00:00.000Z',
    calls: { legacy: { primary: 50 }, wasm: { shadow: 50 } },
    errors: { wasm: { trapped: 50 } },
    comparisons: { match: 20, mismatch: 5, 'wasm-failed': 1 },
    dropped: { 'queue-full': 4 },
    mismatches: { held: 2, noise: 3 },
    noise: { runs: 1, ignore: ['/at'] },
    latency: { legacy: { execution: { samples: 50 }, queue: { samples: 50 } } },
  });
  // Signatures are known again, too: this is noise only now.
  once.book.noise({ live, differences: [difference('/total')] });
  expect(once.book.counts(live).held).toBe(0);
  await once.book.close();
  const again = await opened({ folder: at });
  expect(again.book.counts(live).held).toBe(0);
  expect((await again.book.view(live)).current.latency).toEqual(before.current.latency);
  expect(again.warnings).toEqual([]);
});

test('evidence that was written before drops were kept is read, and goes on', async () => {
  const at = await folder();
  await fill(at);
  const [file = ''] = await readdir(at);
  const { dropped, ...before } = JSON.parse(await readFile(join(at, file), 'utf8')) as Record<string, unknown>;
  expect(dropped).toEqual({ 'queue-full': 4 });
  await writeFile(join(at, file), JSON.stringify(before));
  const { book, warnings } = await opened({ folder: at });
  const live = liveFunction();
  expect((await book.view(live)).current).toMatchObject({ comparisons: { match: 20 }, dropped: {} });
  book.dropped(live, 'busy');
  expect((await book.view(live)).current.dropped).toEqual({ busy: 1 });
  expect(warnings).toEqual([]);
});

test('drops belong to the build that they happened to', async () => {
  const { book } = await opened();
  book.dropped(liveFunction(), 'expired');
  const view = await book.view(liveFunction({ wasm: 'W2' }));
  expect(view.current.dropped).toEqual({});
  expect(view.older.map(({ dropped }) => dropped)).toEqual([{ expired: 1 }]);
});

test('only what has changed is written again', async () => {
  const at = await folder();
  const { book } = await opened({ folder: at });
  book.observe(observation(), liveFunction({ name: 'a' }));
  book.observe(observation(), liveFunction({ name: 'b' }));
  await book.save();
  const files = await readdir(at);
  expect(files).toHaveLength(2);
  const a = files.find((file) => file.includes('+a+'))!;
  await writeFile(join(at, a), 'untouched');
  book.observe(observation(), liveFunction({ name: 'b' }));
  await book.save();
  expect(await readFile(join(at, a), 'utf8')).toBe('untouched');
});

test('what changes is written every five seconds, without being asked for', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const at = await folder();
  const { book } = await opened({ folder: at });
  book.observe(observation(), liveFunction());
  vi.advanceTimersByTime(4_999);
  expect(await readdir(at)).toEqual([]);
  vi.advanceTimersByTime(1);
  await vi.waitFor(async () => expect(await readdir(at)).toEqual([expect.stringMatching(/\.json$/)]));
});

test('torn, foreign and misnamed files are moved aside and told of, and the others are read', async () => {
  const at = await folder();
  await fill(at);
  const [whole = ''] = await readdir(at);
  const text = await readFile(join(at, whole), 'utf8');
  await writeFile(join(at, 'pricing+torn+0123456789abcdef.json'), text.slice(0, 700));
  await writeFile(join(at, 'empty.json'), '');
  await writeFile(join(at, 'foreign.json'), '{"hello": [1, 2]}');
  await writeFile(join(at, 'copy-of-it.json'), text);
  await writeFile(join(at, 'later.json'), text.replace('"version":1', '"version":2'));
  await writeFile(join(at, `${whole}.tmp`), text.slice(0, 10));
  await mkdir(join(at, 'journal.json'));
  const { book, warnings } = await opened({ folder: at });
  expect(book.counts(liveFunction()).comparisons.match).toBe(20);
  expect(await readdir(at)).toEqual(expect.arrayContaining(['journal.json', whole, 'unreadable']));
  expect(await readdir(at)).toHaveLength(3);
  expect((await readdir(join(at, 'unreadable'))).sort()).toEqual([
    'copy-of-it.json',
    'empty.json',
    'foreign.json',
    'later.json',
    'pricing+torn+0123456789abcdef.json',
  ]);
  expect(warnings).toHaveLength(5);
  for (const warning of warnings) expect(warning).toMatch(/is no evidence that can be read \(.+\); it was moved to /s);
});

test('evidence with a date that is none is moved aside', async () => {
  const at = await folder();
  await fill(at);
  const [file = ''] = await readdir(at);
  const text = await readFile(join(at, file), 'utf8');
  await writeFile(join(at, file), text.replace(/"times":\[\d+/, '"times":[1e16'));
  const { book, warnings } = await opened({ folder: at });
  expect(warnings).toHaveLength(1);
  expect((await book.view(liveFunction())).current.since).toBeNull();
});

test('of each function the evidence of twenty earlier builds is kept, the oldest goes', async () => {
  const at = await folder();
  const { book, clock } = await opened({ folder: at });
  for (let build = 1; build <= 25; build++) {
    clock.now += 1_000;
    book.observe(observation(), liveFunction({ wasm: `W${build}` }));
    await book.save();
  }
  const kept = ({ older }: Awaited<ReturnType<typeof book.view>>) => older.map(({ digests }) => digests.wasm);
  const newest = liveFunction({ wasm: 'W25' });
  const expected = Array.from({ length: 20 }, (_, index) => `W${24 - index}`);
  expect(kept(await book.view(newest))).toEqual(expected);
  await book.close();
  expect(await readdir(at)).toHaveLength(21);
  const again = await opened({ folder: at });
  expect(kept(await again.book.view(newest))).toEqual(expected);
});

test('of more than 2,000 ledgers on disk the stalest that nobody has asked for make room', () => {
  const ledgers = Array.from({ length: 2_000 }, (_, number) =>
    emptyLedger(
      { plugin: 'pricing', function: `f${number}`, digests: { legacy: 'L', wasm: 'W', compare: 'C' } },
      number,
    ),
  );
  const dropped: string[] = [];
  const shelf = createShelf({ ledgers, now: () => NOON, onDrop: ({ key }) => dropped.push(key.function) });
  const live = (name: string) => liveFunction({ name, legacy: 'L', wasm: 'W', spec: { compareDigest: 'C' } });
  expect(shelf.of(live('f0'))).toBe(ledgers[0]);
  for (const name of ['new1', 'new2', 'new3']) shelf.of(live(name));
  expect(dropped).toEqual(['f1', 'f2', 'f3']);
  expect(shelf.all()).toHaveLength(2_000);
  expect(shelf.of(live('f0'))).toBe(ledgers[0]);
});

test('a build that comes back after its evidence had to go starts from nothing, and is kept again', async () => {
  const at = await folder();
  const { book, clock } = await opened({ folder: at });
  const first = liveFunction({ wasm: 'W0' });
  book.observe(observation(), first);
  for (let build = 1; build <= 21; build++) {
    clock.now += 1_000;
    book.observe(observation(), liveFunction({ wasm: `W${build}` }));
  }
  clock.now += 1_000;
  book.observe(observation(), first);
  expect(book.counts(first).calls.wasm.primary).toBe(1);
  await book.close();
  const again = await opened({ folder: at });
  expect(again.book.counts(first).calls.wasm.primary).toBe(1);
});

test('while a file cannot be written, counting goes on, one warning is given, and it is written later', async () => {
  const at = await folder();
  const { book, warnings } = await opened({ folder: at });
  const live = liveFunction();
  book.observe(observation(), live);
  await book.save();
  const [file = ''] = await readdir(at);
  const before = await readFile(join(at, file), 'utf8');
  await mkdir(join(at, `${file}.tmp`));
  book.observe(observation(), live);
  book.observe(observation(), liveFunction({ name: 'another' }));
  await book.save();
  await book.save();
  expect(warnings).toEqual([expect.stringMatching(/^evidence cannot be written \(EISDIR.*tried again$/)]);
  expect(await readFile(join(at, file), 'utf8')).toBe(before);
  expect((await readdir(at)).some((name) => name.includes('+another+'))).toBe(true);
  await rmdir(join(at, `${file}.tmp`));
  await book.save();
  expect(await readFile(join(at, file), 'utf8')).not.toBe(before);
  expect(warnings).toHaveLength(1);
});

test('a folder that cannot be made is refused', async () => {
  const at = await folder();
  await writeFile(join(at, 'file'), '');
  const open = openEvidence({ folder: join(at, 'file'), now: () => NOON, warn: () => undefined });
  await expect(open).rejects.toThrow('EEXIST');
});
