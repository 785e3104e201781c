import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import type { Backend } from '#src/domain/backend.js';
import { callOf, failureOf, textOf } from '../contract/calls.js';
import { FLAVOURS, imprison } from './containment.js';
import { buffer, compile, scratch, specOf } from './libraries.js';
import { isAlive, Watch } from './watching.js';

async function listeningPort(): Promise<string> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return String((server.address() as AddressInfo).port);
}

describe.each(FLAVOURS)('a library $flavour', ({ flavour, options }) => {
  const enclosed = flavour === 'inside bubblewrap';

  test('says what is in force', async () => {
    const { containment } = await imprison(options);
    expect(containment).toMatchObject({
      network: 'none',
      processes: 'denied',
      files: enclosed ? 'granted' : 'all',
      by: [...(enclosed ? ['bubblewrap'] : []), 'seccomp', 'limits'],
    });
    expect(containment.missing.length).toBe(enclosed ? 0 : 1);
    const granted = await imprison(options, { network: true, spawn: true });
    expect(granted.containment).toMatchObject({ network: 'all', processes: 'allowed' });
    const none = await imprison(options, {}, { containment: 'none' });
    expect(none.containment).toEqual({
      network: 'all',
      processes: 'allowed',
      files: 'all',
      by: ['limits'],
      missing: [],
    });
  });

  test('reaches no network', async () => {
    const { tries } = await imprison(options);
    expect(await tries('connect_to', await listeningPort())).toBe('EPERM');
    for (const family of [1, 2, 10, 16, 17, 38]) expect(await tries('open_socket', String(family))).toBe('EPERM');
    expect(await tries('make_pair')).toBe('done');
  });

  test('reaches the network that it was granted, but no other kind of socket', async () => {
    const { tries } = await imprison(options, { network: true });
    expect(await tries('connect_to', await listeningPort())).toBe('done');
    expect(await tries('open_socket', '17')).toBe('EAFNOSUPPORT');
    expect(await tries('fork_once')).toBe('EPERM');
  });

  test('starts no process, in no way, but threads', async () => {
    const { tries } = await imprison(options);
    expect(await tries('fork_once')).toBe('EPERM');
    expect(await tries('fork_by_number')).toBe('EPERM');
    expect(await tries('clone_by_new_call')).toBe('ENOSYS');
    // What system() makes of it.
    expect(await tries('run_shell', 'exit 7')).toBe('exit 127');
    expect(await tries('spawn_shell')).toBe('EPERM');
    expect(await tries('replace_itself')).toBe('EPERM');
    expect(await tries('start_thread')).toBe('done');
  });

  test('starts processes when it was granted that, but reaches no network', async () => {
    const { tries } = await imprison(options, { spawn: true });
    expect(await tries('fork_once')).toBe('done');
    expect(await tries('fork_by_number')).toBe('done');
    expect(await tries('run_shell', 'exit 7')).toBe('exit 7');
    expect(await tries('spawn_shell')).toBe('done');
    expect(await tries('connect_to', await listeningPort())).toBe('EPERM');
  });

  test('signals nobody but itself', async () => {
    const { tries, watch } = await imprison(options);
    for (const target of ['parent', '1', '-1', '0', String(process.pid)])
      expect(await tries('kill_process', target)).toBe('EPERM');
    for (const way of ['queue_signal', 'signal_by_thread', 'signal_by_descriptor'])
      expect(await tries(way)).toBe('EPERM');
    expect(watch.restarts).toEqual([]);
  });

  test('signals nobody outside when it may start processes', async () => {
    const { tries, watch } = await imprison(options, { spawn: true });
    const [pid] = watch.pids;
    for (const target of ['parent', '1', '-1', String(process.pid)]) {
      const said = await tries('kill_process', target);
      // Where the kernel does not forbid it, nobody is there to be hit.
      expect(enclosed ? ['EPERM', 'done', 'ESRCH'] : ['EPERM']).toContain(said);
    }
    if (enclosed) expect(await tries('run_shell', 'sleep 600 & kill -9 $!; wait $!')).toBe('exit 137');
    // Its parent is the sandbox's first process, which the kernel protects from those inside.
    expect(watch.pids).toEqual([pid]);
    expect(watch.restarts).toEqual([]);
  });

  test('neither traces nor limits its parent, and cannot outlive its gateway', async () => {
    const { tries } = await imprison(options);
    expect(await tries('trace_parent')).toBe('EPERM');
    expect(await tries('outlive')).toBe('EPERM');
    if (!enclosed) expect(await tries('limit_parent')).toBe('EPERM');
  });

  test('reaches neither memory nor files by way of its gateway’s or its parent’s process', async (context) => {
    const { tries } = await imprison(options);
    if ((await tries('has_landlock')) === 'no') context.skip('the kernel has no Landlock of version 2 (Linux 5.19)');
    const gateway = `/proc/${process.pid}`;
    for (const file of ['mem', 'fd/1', 'root/etc/passwd', 'cwd/package.json']) {
      expect(await tries('read_file', `${gateway}/${file}`)).toBe(enclosed ? 'ENOENT' : 'EACCES');
      expect(await tries('read_file', `/proc/1/${file}`)).toBe('EACCES');
    }
    expect(await tries('write_file', `${gateway}/mem`)).toBe(enclosed ? 'ENOENT' : 'EACCES');
    expect(await tries('read_file', '/proc/self/maps')).toMatch(/-/);
  });

  test('moves files between folders as ever', async () => {
    const folder = scratch();
    for (const name of ['one', 'other']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'one', 'file'), 'moved');
    const { tries } = await imprison(options, { paths: new Map([[folder, `rw:${folder}`]]) });
    expect(await tries('rename_across', folder)).toBe('done');
    expect(readFileSync(join(folder, 'other', 'file'), 'utf8')).toBe('moved');
  });

  test('cannot use the kernel’s own doors', async () => {
    const { tries } = await imprison(options, { network: true, spawn: true });
    // Whoever has a process namespace of its own and may start processes may signal them by any way.
    expect(await tries('forbidden_calls')).toBe(enclosed ? 'pidfd_send_signal ' : '');
    expect(await (await imprison(options)).tries('forbidden_calls')).toBe('');
  });

  test.runIf(process.arch === 'x64')('is ended when it calls by another ABI', async () => {
    const { backend } = await imprison(options);
    expect(await failureOf(backend.call(callOf('call_foreign', '')))).toMatchObject({
      code: 'crashed',
      signal: 'SIGSYS',
    });
  });

  test('allocates no more than its memory', async () => {
    const { tries } = await imprison(options, {}, { memory: 256 * 1024 * 1024 });
    expect(await tries('allocate', '2048')).toBe('ENOMEM');
    expect(await tries('allocate', '128')).toBe('done');
  });

  test('has limits', async () => {
    const { tries } = await imprison(options);
    expect(await tries('limits')).toBe('files 1024 core 1 privileges 0');
  });

  test('crashes with the name of its signal', async () => {
    const { backend } = await imprison(options);
    for (const name of ['SIGSEGV', 'SIGABRT', 'SIGKILL', 'SIGFPE', 'SIGILL', 'SIGBUS', 'SIGALRM', 'SIGUSR2'] as const) {
      const failure = await failureOf(backend.call(callOf('signal_itself', String(constants.signals[name]))));
      expect(failure).toEqual({
        code: 'crashed',
        signal: name,
        detail: `it ended by ${name}`,
      });
    }
  });

  test('exits with a status that is not taken for a signal', async () => {
    const { backend } = await imprison(options);
    for (const exitCode of [0, 3, 126, 127, 134, 137, 139, 255])
      expect(await failureOf(backend.call(callOf('exit_with', String(exitCode))))).toEqual({
        code: 'crashed',
        exitCode,
        detail: `it ended by exit status ${exitCode}`,
      });
  });

  test('is known by the number that it has outside', async () => {
    const { watch } = await imprison(options);
    const [pid] = watch.pids;
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toMatch(/child\/main\.js/);
    process.kill(pid!, 'SIGKILL');
    await watch.until(() => watch.restarts.length > 0);
    expect(watch.restarts).toEqual(['crash']);
    expect(isAlive(pid!)).toBe(false);
  });
});

describe.each(FLAVOURS)('what cannot be denied to a library $flavour is harmless:', ({ options }) => {
  const hostile = async (functions: readonly string[]): Promise<{ watch: Watch; backend: Backend }> => {
    const library = compile('hostile.c', scratch(), 'lib.so');
    const watch = new Watch();
    const spec = specOf(library, Object.fromEntries([...functions, 'echo'].map((name) => [name, buffer(name)])));
    const backend = await openNative(options)(spec, watch.report);
    onTestFinished(() => backend.close());
    return { watch, backend };
  };
  const echo = async (backend: Backend): Promise<string> => textOf((await backend.call(callOf('echo', 'x'))).output);

  test('garbage among the answers ends that child alone', async () => {
    const { watch, backend } = await hostile(['inject']);
    const { tries, watch: neighbour } = await imprison(options);
    const failure = await failureOf(backend.call(callOf('inject', 'garbage that is no answer at all')));
    expect(failure.code).toBe('crashed');
    expect(await echo(backend)).toBe('x');
    expect(watch.restarts).toEqual(['protocol']);
    expect(await tries('start_thread')).toBe('done');
    expect(neighbour.restarts).toEqual([]);
  });

  test('other signal handlers', async () => {
    const { watch, backend } = await hostile(['catch_signals']);
    await backend.call(callOf('catch_signals', ''));
    expect(await echo(backend)).toBe('x');
    const [pid] = watch.pids;
    process.kill(pid!, 'SIGTERM');
    expect(await echo(backend)).toBe('x');
    await backend.close();
    expect(isAlive(pid!)).toBe(false);
  });

  test('closed descriptors', async () => {
    const { watch, backend } = await hostile(['close_descriptors']);
    const failure = await failureOf(backend.call(callOf('close_descriptors', '')));
    expect(failure.code).toBe('crashed');
    expect(await echo(backend)).toBe('x');
    expect(watch.restarts).toEqual(['crash']);
  });

  test('another folder and environment', async () => {
    const { watch, backend } = await hostile(['move_away']);
    await backend.call(callOf('move_away', ''));
    expect(await echo(backend)).toBe('x');
    expect(watch.restarts).toEqual([]);
  });
});
