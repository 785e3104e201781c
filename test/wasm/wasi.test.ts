import { describe, expect, it } from 'vitest';
import { Refused, type Problem } from '#src/domain/backend.js';
import type { WasmSpec } from '#src/domain/plugin.js';
import { answer, assemble, block, drop, HOST, i32 } from './assemble.js';
import { callOf, Events, failureOf, lanesOf, specOf, textOf } from './harness.js';
import { ENOTSUP, filesPlugin } from './wasi.js';

const WASI = 'wasi_snapshot_preview1';

async function problemsOf(spec: WasmSpec): Promise<readonly Problem[]> {
  try {
    await lanesOf({ lanes: 1 }).open(spec, () => undefined);
  } catch (error) {
    if (error instanceof Refused) return error.problems;
    throw error;
  }
  throw new Error('it was opened');
}

describe('a reactor', () => {
  it('is initialized once, before its first call', async () => {
    const plugin = await filesPlugin();
    expect(await textOf(plugin, callOf('initialized'))).toBe('1');
    expect(await textOf(plugin, callOf('initialized'))).toBe('1');
  });

  it('prints into the log of its backend, line by line, and to nowhere else', async () => {
    const events = new Events();
    const plugin = await filesPlugin({}, { report: events.report });
    await textOf(plugin, callOf('print', 'hello\nworld'));
    await events.until(() => events.lines().length >= 5);
    expect(events.lines()).toEqual([
      'stdout: hello',
      'stdout: world',
      'stderr: not well: hello',
      'stderr: world',
      'stdout: and no end',
    ]);
  });

  it('prints no more lines than it may log, and none that is longer than 4 KiB', async () => {
    const events = new Events();
    const plugin = await filesPlugin({}, { report: events.report });
    await textOf(plugin, callOf('print', 'x'.repeat(60_000)));
    await events.until(() => events.lines().length >= 3);
    expect(events.lines()[0]).toBe(`stdout: ${'x'.repeat(4096)}`);
    await textOf(plugin, callOf('print', 'y\n'.repeat(30_000)));
    await textOf(plugin, callOf('initialized'));
    expect(events.lines().length).toBeLessThan(3000);
  });

  it('finds no environment, an empty input, clocks and randomness', async () => {
    const plugin = await filesPlugin();
    expect(await textOf(plugin, callOf('environment'))).toBe('0 variables, HOME=none');
    expect(await textOf(plugin, callOf('input'))).toBe('-1');
    const [seconds = 0, napped = 0] = (await textOf(plugin, callOf('nap', '30'))).split(' ').map(Number);
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);
    expect(napped).toBeGreaterThanOrEqual(30);
    const drawn = await textOf(plugin, callOf('random'));
    expect(drawn).toMatch(/^[0-9a-f]{32}$/);
    expect(await textOf(plugin, callOf('random'))).not.toBe(drawn);
  });

  it('finds no file without a grant', async () => {
    const plugin = await filesPlugin();
    for (const path of ['/etc/passwd', '/', '.', 'etc/passwd', '/proc/self/environ'])
      expect(await textOf(plugin, callOf('read', path))).toMatch(/^error: /);
  });

  it('that sleeps past its deadline is ended, and its neighbour is not', async () => {
    const lanes = lanesOf({ lanes: 1 });
    const neighbour = await lanes.open(specOf('vowels.wasm', ['count']), () => undefined);
    const plugin = await lanes.open(specOf('wasi-files.wasm', ['nap', 'initialized']), () => undefined);
    const call = callOf('nap', '600000', 300);
    setTimeout(() => call.stop('timeout'), 300);
    expect(await failureOf(plugin, call)).toMatchObject({ code: 'timeout', begun: true });
    expect(await textOf(neighbour, callOf('count', 'hello world'))).toBe('{"count":3}');
    expect(await textOf(plugin, callOf('initialized'))).toBe('1');
  });

  it('has no sockets', async () => {
    const plugin = await lanesOf({ lanes: 1 }).open(specOf('wasi-calls.wasm', ['call']), () => undefined);
    for (const name of ['sock_accept', 'sock_recv', 'sock_send', 'sock_shutdown'])
      expect(await textOf(plugin, callOf('call', `${name} 1`))).toBe(ENOTSUP);
  });
});

describe('a call that ends by proc_exit', () => {
  it('with code 0 has answered', async () => {
    const plugin = await filesPlugin();
    expect(await textOf(plugin, callOf('exit', '0'))).toBe('the last word');
    expect(await textOf(plugin, callOf('initialized'))).toBe('1');
  });

  it('with another code is an error of the plugin, which names it, and ends nothing else', async () => {
    const events = new Events();
    const plugin = await filesPlugin({}, { report: events.report });
    expect(await failureOf(plugin, callOf('exit', '7'))).toEqual({
      code: 'plugin-error',
      detail: 'it exited with code 7',
      status: 7,
    });
    expect(await failureOf(plugin, callOf('exit', '-1'))).toMatchObject({ detail: 'it exited with code -1' });
    expect(await textOf(plugin, callOf('initialized'))).toBe('1');
    expect(events.restarts()).toEqual([]);
  });

  it('by proc_raise traps, and raises nothing', async () => {
    const raising = assemble({
      imports: [{ module: WASI, name: 'proc_raise', parameters: ['i32'], results: ['i32'] }],
      memory: { minimum: 1 },
      functions: { run: [...i32(9), 0x10, 0x00] },
    });
    const plugin = await lanesOf({ lanes: 1 }).open(specOf(raising, ['run']), () => undefined);
    expect(await failureOf(plugin, callOf('run'))).toEqual({ code: 'trapped', detail: 'it raised signal 9' });
  });
});

describe('a command', () => {
  const config = (exit: string): Partial<WasmSpec> => ({ config: new Map([['exit', exit]]) });

  it('runs its main first, and can be called afterwards', async () => {
    const plugin = await lanesOf({ lanes: 1 }).open(specOf('wasi-command.wasm', ['how']), () => undefined);
    expect(await textOf(plugin, callOf('how', 'ignored'))).toBe('1: tested with 0 arguments');
    expect(await textOf(plugin, callOf('how'))).toBe('1: tested with 0 arguments');
  });

  it('whose main ends by exit(0) can be called too', async () => {
    const spec = specOf('wasi-command.wasm', ['how'], config('0'));
    const plugin = await lanesOf({ lanes: 1 }).open(spec, () => undefined);
    expect(await textOf(plugin, callOf('how'))).toBe('1: tested with 0 arguments');
    expect(await textOf(plugin, callOf('how'))).toBe('1: tested with 0 arguments');
  });

  it('whose main fails is refused, with its code', async () => {
    expect(await problemsOf(specOf('wasi-command.wasm', ['how'], config('3')))).toEqual([
      {
        pointer: '/backends/wasm/module',
        message: 'tested: it could not be started: it exited with code 3',
      },
    ]);
  });

  it('whose main is the function runs it for each call, in a new instance', async () => {
    const run = { functions: new Map([['run', '_start']]) };
    const plugin = await lanesOf({ lanes: 1 }).open(specOf('wasi-command.wasm', [], run), () => undefined);
    for (const input of ['one', 'two'])
      expect(await textOf(plugin, callOf('run', input))).toBe(`1: tested with 0 arguments, and ${input}`);
    const failing = specOf('wasi-command.wasm', [], { ...run, ...config('4') });
    const other = await lanesOf({ lanes: 1 }).open(failing, () => undefined);
    expect(await failureOf(other, callOf('run', 'x'))).toMatchObject({ detail: 'it exited with code 4', status: 4 });
  });
});

describe('what starts a module', () => {
  /** A module that answers with the starts that have run, which set a var. */
  const startedBy = async (...starts: string[]): Promise<string> => {
    const note = (name: string): number[] => [
      ...block('started', 0),
      ...block(name, 1),
      ...[0x20, 0, 0x20, 1, 0x10, HOST.findIndex((one) => one.name === 'var_set')],
    ];
    const module = assemble({
      functions: {
        ...Object.fromEntries(starts.map((name) => [name, [...note(name), ...i32(0)]])),
        run: [
          ...block('started', 0),
          ...[0x20, 0, 0x10, HOST.findIndex((one) => one.name === 'var_get'), 0x21, 1],
          ...answer(1),
          ...i32(0),
        ],
      },
    });
    const plugin = await lanesOf({ lanes: 1 }).open(specOf(module, ['run']), () => undefined);
    return textOf(plugin, callOf('run'));
  };

  it('is the start of a reactor, else that of a command, else the constructors', async () => {
    expect(await startedBy('__wasm_call_ctors', '_start', '_initialize')).toBe('_initialize');
    expect(await startedBy('__wasm_call_ctors', '_start')).toBe('_start');
    expect(await startedBy('__wasm_call_ctors')).toBe('__wasm_call_ctors');
  });

  it('is hs_init after the start of a reactor, for Haskell', async () => {
    expect(await startedBy('hs_init', '_initialize')).toBe('hs_init');
    expect(await startedBy('hs_init', '_start')).toBe('hs_init');
  });
});

describe('a module is refused', () => {
  it('that imports of WASI what there is not: every import is named', async () => {
    const module = assemble({
      imports: ['fd_write', 'fd_teleport', 'sock_open'].map((name) => ({
        module: WASI,
        name,
        parameters: ['i32', 'i32', 'i32', 'i32'],
        results: ['i32'],
      })),
      memory: { minimum: 1 },
      functions: { run: i32(0) },
    });
    expect((await problemsOf(specOf(module, ['run']))).map(({ message }) => message)).toEqual([
      `module.wasm: it imports the function "fd_teleport" from "${WASI}", which is not served`,
      `module.wasm: it imports the function "sock_open" from "${WASI}", which is not served`,
    ]);
  });

  it('that imports WASI without a memory to serve it from', async () => {
    const module = assemble({
      imports: [{ module: WASI, name: 'sched_yield', parameters: [], results: ['i32'] }],
      functions: { run: i32(0) },
    });
    expect(await problemsOf(specOf(module, ['run']))).toEqual([
      {
        pointer: '/backends/wasm/module',
        message: 'module.wasm: it imports WASI, and exports no memory under the name "memory"',
      },
    ]);
  });
});

describe('an address outside of the guest’s memory', () => {
  it('is an error of the call that names it', async () => {
    const imports = [
      { module: WASI, name: 'random_get', parameters: ['i32', 'i32'], results: ['i32'] },
      { module: WASI, name: 'fd_write', parameters: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] },
      { module: WASI, name: 'poll_oneoff', parameters: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] },
    ] as const;
    const module = assemble({
      imports,
      memory: { minimum: 1 },
      functions: {
        // Statuses of functions are errors here: what WASI answered.
        random: [...i32(65_530), ...i32(7), 0x10, 0],
        wide: [...i32(8), ...i32(-1), 0x10, 0],
        write: [...i32(1), ...i32(-8), ...i32(1000), ...i32(0), 0x10, 1],
        poll: [...i32(0), ...i32(0), ...i32(-1), ...i32(0), 0x10, 2],
        fine: [...i32(65_530), ...i32(6), 0x10, 0, ...drop, ...i32(0)],
      },
    });
    const names = ['random', 'wide', 'write', 'poll', 'fine'];
    const plugin = await lanesOf({ lanes: 1 }).open(specOf(module, names), () => undefined);
    for (const [name, status] of [
      ['random', 21],
      ['wide', 21],
      ['write', 21],
      ['poll', 28],
    ] as const)
      expect(await failureOf(plugin, callOf(name))).toMatchObject({ code: 'plugin-error', status });
    expect(await textOf(plugin, callOf('fine'))).toBe('');
  });
});
