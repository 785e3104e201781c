import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import {
  type Backend,
  type Open,
  type Problem,
  Refused,
  type Report,
  type Window,
} from '../../../../src/domain/backend.js';
import type { ContainedProgram } from '../../../../src/domain/contained.js';
import type { WasmSpec } from '../../../../src/domain/plugin.js';
import { type HostCalls, hostCallsOf } from '../../parent/host-calls.js';
import { closed, failed } from '../../parent/outcome.js';
import { readFiles } from '../../parent/read-modules.js';
import type { Opening } from '../opening.js';
import { LaneProcess, termsOf } from './lane-process.js';
import { type ProcessOptions, type ProcessSettings, settingsOf } from './settings.js';
import { Supervisor, type SupervisorOptions } from './supervisor.js';

const AT = '/backends/wasm';

const LANES: ContainedProgram = {
  module: new URL('../child/main.js', import.meta.url).href,
  files: [fileURLToPath(new URL('../../../wasm', import.meta.url))],
};

/** Opens wasm backends in lanes of their own, each in a process that is held back. */
export function openInProcesses(options: ProcessOptions): Open<WasmSpec> {
  const settings = settingsOf(options);
  return async (spec, report) => {
    report({ type: 'state', state: { state: 'loading' } });
    const hostCalls = hostCallsOf(spec, report, settings.answer);
    try {
      return await open(spec, report, settings, hostCalls);
    } catch (error) {
      hostCalls.close();
      if (error instanceof Refused) report({ type: 'state', state: { state: 'refused', problems: error.problems } });
      throw error;
    }
  };
}

async function open(spec: WasmSpec, report: Report, settings: ProcessSettings, hostCalls: HostCalls): Promise<Backend> {
  const { lanes, depth, startWithinMs } = settings;
  const files = await readFiles(spec);
  const problem = await settings.contained.problem(termsOf(spec), AT);
  if (problem !== null) throw new Refused([asWritten(problem, spec)]);
  const opening = serialize({ spec, files, lanes, depth, startWithinMs } satisfies Opening);
  const supervisor = supervise({
    start: (listener) =>
      new LaneProcess({ program: LANES, spec, opening, report, answer: hostCalls.answer, settings, listener }),
    report,
    settings,
  });
  await supervisor.opened();
  return backendOf(spec, supervisor, hostCalls, { size: lanes * depth, abreast: lanes });
}

function supervise(options: SupervisorOptions): Supervisor {
  try {
    return new Supervisor(options);
  } catch (cause) {
    const message = `no process can be started: ${(cause as Error).message}`;
    throw new Refused([{ pointer: `${AT}/isolation`, message }], { cause });
  }
}

function backendOf(spec: WasmSpec, supervisor: Supervisor, hostCalls: HostCalls, window: Window): Backend {
  const indices = new Map([...spec.functions.keys()].map((name, index) => [name, index]));
  let left: Promise<void> | null = null;
  return {
    window,
    call(call) {
      if (left !== null) return Promise.reject(failed(closed()));
      const index = indices.get(call.function);
      if (index !== undefined) return supervisor.call(call, index);
      const detail = `${spec.plugin} has no function "${call.function}" on wasm`;
      return Promise.reject(failed({ code: 'unknown-function', detail }));
    },
    close() {
      hostCalls.close();
      return (left ??= supervisor.close());
    },
  };
}

/** Of a path by the name that the manifest has for it: processes know it by where it lies. */
function asWritten({ pointer, message }: Problem, { paths }: WasmSpec): Problem {
  const escaped = (path: string): string => path.replaceAll('~', '~0').replaceAll('/', '~1');
  for (const [guest, host] of paths)
    if (pointer === `${AT}/paths/${escaped(host.replace(/^rw:/, ''))}`)
      return { pointer: `${AT}/paths/${escaped(guest)}`, message };
  return { pointer, message };
}
