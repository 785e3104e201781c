import { expect, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import { callOf, textOf } from '../contract/calls.js';
import { FAULTY, fixture, specOf } from './libraries.js';
import { Watch } from './watching.js';

test('a plugin that joins a group while its first member is still being loaded is answered as well', async () => {
  const open = openNative();
  const watches = [new Watch(), new Watch()];
  const opening = watches.map(async (watch, member) => {
    if (member > 0) await watches[0]!.until(({ states }) => states.at(-1)?.state === 'loading');
    return open(specOf(fixture('faulty'), FAULTY, { plugin: `member-${member}`, group: 'shared' }), watch.report);
  });
  const backends = await Promise.all(opening);
  for (const [member, backend] of backends.entries()) {
    expect(watches[member]!.states.at(-1)?.state).toBe('ready');
    expect(textOf((await backend.call(callOf('echo', `to ${member}`))).output)).toBe(`to ${member}`);
  }
  await Promise.all(backends.map((backend) => backend.close()));
});
