import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { containedProcesses } from '#adapters/native/contained.js';
import { type Containment, Refused } from '#src/domain/backend.js';
import type { ContainedTerms } from '#src/domain/contained.js';
import { FLAVOURS, NO_RIGHTS } from '../../native/containment.js';
import { callOf, FAULTY, specOf, textOf } from '../harness.js';
import { isolate } from './processes.js';

const spec = specOf('faulty.wasm', FAULTY);

describe.each(FLAVOURS)('a process of lanes $flavour', ({ flavour, options }) => {
  const enclosed = flavour === 'inside bubblewrap';
  const contained = containedProcesses(options);

  it('says what is in force', async () => {
    const { watch } = await isolate(spec, { contained });
    const ready = watch.states.at(-1);
    expect(ready).toMatchObject({
      state: 'ready',
      containment: {
        network: 'none',
        processes: 'denied',
        files: enclosed ? 'granted' : 'all',
        by: [...(enclosed ? ['bubblewrap'] : []), 'seccomp', 'limits'],
      } satisfies Partial<Containment>,
    });
    expect(watch.pids).toHaveLength(1);
  });

  it('is held back in every thread: no new privileges, a filter of system calls, no capabilities, files closed', async () => {
    const { backend, watch } = await isolate(spec, { contained });
    expect(await textOf(backend, callOf('echo', 'running'))).toBe('running');
    const [pid] = watch.pids;
    const threads = readdirSync(`/proc/${pid}/task`);
    expect(threads.length).toBeGreaterThan(2);
    for (const thread of threads) {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1');
      expect(status).toMatch(/^NoNewPrivs:\s*1$/m);
      expect(status).toMatch(/^Seccomp:\s*2$/m);
      if (enclosed) expect(status).toMatch(/^CapEff:\s*0+$/m);
    }
    const namespaces = ['net', 'pid', 'ipc', 'mnt', 'uts'].map((name) => [
      name,
      readlinkSync(`/proc/${pid}/ns/${name}`) === readlinkSync(`/proc/self/ns/${name}`) ? 'shared' : 'its own',
    ]);
    expect(Object.fromEntries(namespaces)).toEqual(
      Object.fromEntries(namespaces.map(([name]) => [name, enclosed ? 'its own' : 'shared'])),
    );
  });

  it('reaches no network, starts nothing and signals nobody, in no thread, and sees what it was granted', async () => {
    const said = await prisonerOf(contained, { containment: 'preferred', rights: NO_RIGHTS });
    expect(said).toEqual({
      missing: [],
      network: 'EPERM',
      spawn: 'EPERM',
      spawnInLane: 'EPERM',
      kill: 'EPERM',
      passwd: enclosed ? 'ENOENT' : 'done',
      environment: [],
      others: enclosed ? [] : (expect.any(Array) as unknown),
    });
  });
});

it('a process of lanes that must be contained is refused where it cannot be', async () => {
  const contained = containedProcesses({ bubblewrap: null });
  await expect(isolate({ ...spec, containment: 'required' }, { contained })).rejects.toMatchObject({
    name: Refused.name,
    problems: [
      {
        pointer: '/backends/wasm/containment',
        message: expect.stringContaining('bubblewrap is switched off') as string,
      },
    ],
  });
});

it('a process of lanes without containment has limits alone, and says so', async () => {
  const { watch } = await isolate({ ...spec, containment: 'none' });
  expect(watch.states.at(-1)).toMatchObject({ containment: { network: 'all', files: 'all', by: ['limits'] } });
  expect(readFileSync(`/proc/${watch.pids[0]}/status`, 'latin1')).toMatch(/^Seccomp:\s*0$/m);
});

it('a path that cannot be granted is refused by the name that the guest has for it', async () => {
  const paths = new Map([['/data', 'rw:/no/such/folder']]);
  await expect(isolate({ ...spec, paths })).rejects.toMatchObject({
    problems: [{ pointer: '/backends/wasm/paths/~1data' }],
  });
});

/** What a program in such a process says that it could do. */
async function prisonerOf(
  contained: ReturnType<typeof containedProcesses>,
  terms: ContainedTerms,
): Promise<Record<string, unknown>> {
  const file = new URL('./prisoner.mjs', import.meta.url);
  let said = '';
  const printed: string[] = [];
  return await new Promise((resolve, reject) => {
    const prisoner = contained.start({
      program: { module: file.href, files: [file.pathname] },
      terms,
      noteBytes: 4096,
      report: (event) => {
        if (event.type === 'output') printed.push(event.line);
      },
      ears: {
        bytes: (chunk) => {
          said += Buffer.from(chunk).toString();
          if (!said.endsWith('\n')) return;
          resolve(JSON.parse(said) as Record<string, unknown>);
          prisoner.kill();
        },
        started: () => undefined,
        gone: (exit) => reject(new Error(`it ended by ${JSON.stringify(exit)}: ${printed.join('\n')}`)),
      },
    });
  });
}
