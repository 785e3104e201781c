import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileStore } from '#src/control/stores/file.js';
import { Conflict, EMPTY_STATE, StoreRefused, StoreUnavailable } from '#src/control/stores/store.js';
import type { StateDocument } from '#src/control/stores/store.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banyan-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const state = (revision: number, comment: string | null = null): StateDocument => ({
  revision,
  at: '2026-11-22T10:00:00.000Z',
  by: 'test',
  comment,
  routes: [{ plugin: 'pricing', function: null, stage: { stage: 'legacy' }, revision }],
});

describe('the file store', () => {
  it('starts empty at revision 0 and finds what was committed after it was closed', async () => {
    const store = await openFileStore(folder);
    expect(store.newest()).toEqual(EMPTY_STATE);
    await store.commit(state(1, 'first'));
    await store.commit(state(2));
    await store.close();
    const again = await openFileStore(folder);
    expect(again.newest()).toEqual(state(2));
    expect(await again.revisions(10)).toEqual([state(2), state(1, 'first')]);
    expect(await again.revision(1)).toEqual(state(1, 'first'));
    expect(await again.revision(0)).toEqual(EMPTY_STATE);
    expect(await again.revision(3)).toBeNull();
    await again.close();
  });

  it('is closed when what stands beside the revisions is written, not before', async () => {
    const store = await openFileStore(folder);
    let isWritten = false;
    const text = 'x'.repeat(5_000_000);
    const writing = store.aside('trips').write({ text });
    void writing.then(() => (isWritten = true));
    await new Promise((resolve) => setImmediate(resolve));
    await store.close();
    expect(isWritten).toBe(true);
    const again = await openFileStore(folder);
    expect(await again.aside('trips').read()).toEqual({ text });
    await again.close();
  });

  it('refuses a revision that does not follow the newest, and keeps the newest', async () => {
    const store = await openFileStore(folder);
    await store.commit(state(1));
    await expect(store.commit(state(1))).rejects.toBeInstanceOf(Conflict);
    await expect(store.commit(state(3))).rejects.toBeInstanceOf(Conflict);
    expect(store.newest()).toEqual(state(1));
    await store.close();
  });

  it('refuses a folder that another process of its own owns', async () => {
    const store = await openFileStore(folder);
    await expect(openFileStore(folder)).rejects.toThrow(/in use by another Banyan process/);
    await store.close();
    await (await openFileStore(folder)).close();
  });

  it('takes the folder of an owner that was killed, whatever it left behind', async () => {
    const script = `import { openFileStore } from '#src/control/stores/file.js';
      const store = await openFileStore(${JSON.stringify(folder)});
      await store.commit(${JSON.stringify(state(1))});
      process.stdout.write('owns');
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(owner.stdout, 'data');
    await expect(openFileStore(folder)).rejects.toBeInstanceOf(StoreRefused);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const store = await openFileStore(folder);
    expect(store.newest().revision).toBe(1);
    await store.close();
  });

  it('lets one of many that come at once own the folder of a dead owner', async () => {
    await writeFile(join(folder, 'lock.sock'), '');
    const tries = await Promise.allSettled([...Array(8).keys()].map(() => openFileStore(folder)));
    const owners = tries.filter((each) => each.status === 'fulfilled');
    expect(owners).toHaveLength(1);
    await owners[0]!.value.close();
  });

  it.each([
    ['torn', '{"format":"banyan/state","version":1,"revi'],
    ['foreign', '{"hello":"world"}'],
    ['of a newer version', JSON.stringify({ format: 'banyan/state', version: 2, ...state(1) })],
    ['empty', ''],
  ])('refuses a state that is %s, names the file and leaves it as it was', async (_kind, content) => {
    await (await openFileStore(folder)).close();
    const file = join(folder, 'state.json');
    await writeFile(file, content);
    await expect(openFileStore(folder)).rejects.toThrow(file);
    await expect(openFileStore(folder)).rejects.toBeInstanceOf(StoreRefused);
    expect(await readFile(file, 'utf8')).toBe(content);
  });

  it('refuses to start from nothing where revisions say that there was something', async () => {
    const store = await openFileStore(folder);
    await store.commit(state(1));
    await store.commit(state(2));
    await store.close();
    await rm(join(folder, 'state.json'));
    await expect(openFileStore(folder)).rejects.toThrow(/state\.json is missing/);
  });

  it('forgets a revision that was never acknowledged', async () => {
    const store = await openFileStore(folder);
    await store.commit(state(1));
    await store.close();
    await writeFile(join(folder, 'revisions', '0000000002.json'), 'a crash came in between');
    const again = await openFileStore(folder);
    expect(again.newest().revision).toBe(1);
    await again.commit(state(2));
    expect(await again.revision(2)).toEqual(state(2));
    await again.close();
  });

  it('says so when a commit cannot be written, keeps the newest revision, and works again once it can', async () => {
    const store = await openFileStore(folder);
    await store.commit(state(1));
    const revisions = join(folder, 'revisions');
    await rm(revisions, { recursive: true });
    await expect(store.commit(state(2))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(store.newest()).toEqual(state(1));
    expect(JSON.parse(await readFile(join(folder, 'state.json'), 'utf8'))).toMatchObject({ revision: 1 });
    await mkdir(revisions);
    await store.commit(state(2));
    expect(store.newest()).toEqual(state(2));
    await store.close();
  });

  it('writes nothing after it was closed, when another process may own the folder', async () => {
    const first = await openFileStore(folder);
    await first.close();
    const second = await openFileStore(folder);
    await expect(first.commit(state(1))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(second.newest().revision).toBe(0);
    await second.close();
    expect(await readdir(folder)).not.toContain('state.json');
  });

  it('keeps each revision apart from the state, so that a spoilt state can be restored from it', async () => {
    const store = await openFileStore(folder);
    await store.commit(state(1));
    await store.commit(state(2));
    await store.close();
    const file = join(folder, 'state.json');
    await truncate(file, 10);
    await expect(openFileStore(folder)).rejects.toThrow(/restore it from revisions/);
    await cp(join(folder, 'revisions', '0000000002.json'), file);
    const again = await openFileStore(folder);
    expect(again.newest()).toEqual(state(2));
    await again.close();
  });

  it('going back to an earlier state by hand loses no later revision before its number is taken again', async () => {
    const store = await openFileStore(folder);
    for (const number of [1, 2, 3]) await store.commit(state(number));
    await store.close();
    await cp(join(folder, 'revisions', '0000000001.json'), join(folder, 'state.json'));
    const again = await openFileStore(folder);
    expect(again.newest()).toEqual(state(1));
    expect((await again.revisions(10)).map(({ revision }) => revision)).toEqual([1]);
    await again.commit(state(2, 'anew'));
    await again.close();
    expect(await readdir(join(folder, 'revisions'))).toHaveLength(3);
  });

  it('names a revision that cannot be read', async () => {
    const store = await openFileStore(folder);
    await store.commit(state(1));
    await store.commit(state(2));
    await writeFile(join(folder, 'revisions', '0000000001.json'), 'xx');
    await expect(store.revisions(10)).rejects.toThrow(/0000000001\.json/);
    await expect(store.revisions(10)).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await store.revisions(1)).toEqual([state(2)]);
    await store.close();
  });

  it('refuses a folder that cannot be made', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    await expect(openFileStore(join(file, 'var'))).rejects.toThrow(/cannot be written/);
  });

  it.skipIf(process.getuid?.() === 0)('refuses a folder that cannot be written', async () => {
    await chmod(folder, 0o500);
    await expect(openFileStore(folder)).rejects.toThrow(/cannot be written/);
    await chmod(folder, 0o700);
  });

  it('leaves nothing in the folder but the state and its revisions', async () => {
    const store = await openFileStore(folder);
    await store.commit(state(1));
    await store.close();
    expect((await readdir(folder)).sort()).toEqual(['revisions', 'state.json']);
  });

  it('works in a folder whose path is longer than a socket address', async () => {
    const deep = join(folder, 'd'.repeat(100), 'e'.repeat(100));
    const store = await openFileStore(deep);
    await expect(openFileStore(deep)).rejects.toThrow(/in use/);
    await store.close();
  });
});
