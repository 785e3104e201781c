import { mkdirSync, readFileSync, symlinkSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { containmentProblem } from '#adapters/native/parent/launch/spawn.js';
import { Refused } from '#src/domain/backend.js';
import type { Rights } from '#src/domain/native.js';
import { imprison, NO_RIGHTS, unenclosable } from './containment.js';
import { scratch } from './libraries.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const profileWith = (paths: Rights['paths'], containment: 'required' | 'preferred' = 'required') =>
  ({ containment, rights: { ...NO_RIGHTS, paths }, folders: [] }) as const;

describe.skipIf(unenclosable !== null)(`a library inside bubblewrap ${unenclosable ?? ''}`, () => {
  test('finds no file but the system’s libraries and its own', async () => {
    const { tries } = await imprison();
    const ofAnotherPlugin = join(scratch(), 'other', 'secret');
    mkdirSync(dirname(ofAnotherPlugin));
    writeFileSync(ofAnotherPlugin, 'secret');
    for (const path of ['/etc/passwd', '/etc/shadow', '/root', '/home', '/var', ofAnotherPlugin])
      if (existsSync(path) && !ROOT.startsWith(`${path}/`)) expect(await tries('read_file', path), path).toBe('ENOENT');
    expect(await tries('read_file', '/proc/1/environ')).not.toContain('HOME');
    expect((await tries('list_folder', ROOT)).trim().split(' ').sort()).toEqual([
      // Where the suite runs on a Node.js that it has brought along.
      ...(process.execPath.startsWith(ROOT) ? [relative(ROOT, process.execPath).split(sep)[0]] : []),
      'dist',
      'node_modules',
      'package.json',
    ]);
    const packages = await tries('list_folder', join(ROOT, 'node_modules'));
    expect(packages.trim().split(' ').sort()).toEqual(['@koromix', 'koffi', 'semver']);
  });

  test('reads what was granted, and writes only where that was granted', async () => {
    const host = scratch();
    writeFileSync(join(host, 'data'), 'granted');
    mkdirSync(join(host, 'spool'));
    const paths = new Map([
      ['/srv/data', host],
      ['/srv/spool', `rw:${join(host, 'spool')}`],
      ['/srv/one-file', join(host, 'data')],
    ]);
    const { tries, containment } = await imprison({}, { paths });
    expect(containment.missing).toEqual([]);
    expect(await tries('read_file', '/srv/data/data')).toBe('granted');
    expect(await tries('read_file', '/srv/one-file')).toBe('granted');
    expect(await tries('write_file', '/srv/data/data')).toBe('EROFS');
    expect(await tries('write_file', '/srv/data/more')).toBe('EROFS');
    expect(await tries('write_file', '/srv/one-file')).toBe('EROFS');
    expect(await tries('write_file', '/srv/spool/out')).toBe('done');
    expect(readFileSync(join(host, 'spool', 'out'), 'utf8')).toBe('written');
    expect(await tries('read_file', join(host, 'data'))).toBe('ENOENT');
  });

  test('does not leave what was granted by a link in it', async () => {
    const host = scratch();
    symlinkSync('/etc/passwd', join(host, 'link'));
    symlinkSync('../../../../../../etc/passwd', join(host, 'relative'));
    const { tries } = await imprison({}, { paths: new Map([['/srv/data', host]]) });
    expect(await tries('read_file', '/srv/data/link')).toBe('ENOENT');
    expect(await tries('read_file', '/srv/data/relative')).toBe('ENOENT');
  });

  test('writes in a folder for temporary files that nobody else sees', async () => {
    const { tries } = await imprison();
    const name = `/tmp/banyan-prisoner-${process.pid}`;
    expect(await tries('write_file', name)).toBe('done');
    expect(existsSync(name)).toBe(false);
    expect(await (await imprison()).tries('read_file', name)).toBe('ENOENT');
    for (const path of ['/here', '/usr/lib/here', '/proc/self/comm', join(ROOT, 'dist/src/domain/here')])
      expect(await tries('write_file', path), path).toBe('EROFS');
    expect(await tries('working_folder')).toBe('/tmp');
  });

  test('sees no process but its own', async () => {
    const { tries } = await imprison();
    const numbers = (await tries('list_folder', '/proc')).split(' ').filter((name) => /^\d+$/.test(name));
    expect(numbers.length).toBe(2);
  });

  test('that must be contained is refused where a path cannot be granted', async () => {
    const missing = join(scratch(), 'gone');
    for (const [inside, host, pointer] of [
      ['/srv/data', missing, '/backends/legacy/paths/~1srv~1data'],
      ['/srv/data', `rw:${missing}`, '/backends/legacy/paths/~1srv~1data'],
      ['/', '/srv', '/backends/legacy/paths/~1'],
      ['/proc/self', '/srv', '/backends/legacy/paths/~1proc~1self'],
    ] as const) {
      const paths = new Map([[inside, host]]);
      expect(await containmentProblem(profileWith(paths))).toMatchObject({ pointer });
      expect(await containmentProblem(profileWith(paths, 'preferred'))).toMatchObject({ pointer });
      await expect(imprison({}, { paths })).rejects.toThrow(Refused);
    }
    expect(await containmentProblem(profileWith(new Map()))).toBeNull();
  });
});

describe('a library without bubblewrap', () => {
  test('is told apart: it may read what its gateway may, and paths are not where they were asked for', async () => {
    const { tries, containment } = await imprison({ bubblewrap: null }, { paths: new Map([['/srv/data', '/usr']]) });
    expect(containment.files).toBe('all');
    expect(containment.missing).toEqual([
      'files are not denied: bubblewrap is switched off',
      'granted paths are not where they were asked for: every file lies where it lies on the host',
    ]);
    expect(await tries('read_file', '/etc/passwd')).toMatch(/^root:/);
  });

  test('that must be contained is refused, and is told why', async () => {
    const refused = imprison({ bubblewrap: null }, {}, { containment: 'required' });
    await expect(refused).rejects.toThrow(Refused);
    await expect(refused).rejects.toMatchObject({
      problems: [
        {
          pointer: '/backends/legacy/containment',
          message: expect.stringMatching(/bubblewrap is switched off/) as string,
        },
      ],
    });
    expect(await containmentProblem(profileWith(new Map()), { bubblewrap: '/no/such/bwrap' })).toEqual({
      pointer: '/backends/legacy/containment',
      message: 'it is required, but bubblewrap (/no/such/bwrap) is not installed',
    });
    expect((await containmentProblem(profileWith(new Map()), { bubblewrap: '/bin/false' }))?.message).toMatch(
      /bubblewrap does not work here/,
    );
  });
});
