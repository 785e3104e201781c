import type { Problem } from '../../../src/domain/backend.js';
import type { NativeSpec } from '../../../src/domain/native.js';
import { AT } from '../protocol/opening.js';

/** Why this plugin may not run in the gateway itself; null when its name is among those that the configuration allows. */
export function notAllowedInProcess({ plugin }: NativeSpec, allowed: readonly string[]): Problem | null {
  if (allowed.includes(plugin)) return null;
  return {
    pointer: `${AT.backend}/isolation`,
    message:
      `in-process gives up containment and deadlines, and has to be allowed by name: write ` +
      `inProcess: [${[...allowed, plugin].join(', ')}] into banyan.yaml, or leave isolation out`,
  };
}

/** Everything that a specification asks for and that cannot be had without a process between. */
export function impossibleInProcess(spec: NativeSpec): readonly Problem[] {
  const { containment, rights, group, poolSize, memory, recycle, config, abi } = spec;
  const asked: readonly (readonly [key: string, is: boolean, why: string])[] = [
    ['containment', containment === 'required', 'nothing can be denied to code that runs in the gateway itself'],
    ['hosts', rights.network, 'it may reach what the gateway may reach, so there is nothing to grant'],
    ['paths', rights.paths.size > 0, 'it may read and write what the gateway may, where it lies'],
    ['spawn', rights.spawn, 'it may start processes as the gateway may, so there is nothing to grant'],
    ['memory', memory !== null, 'its memory is the gateway’s own, and cannot be told from it'],
    ['group', group !== null, 'there is no child to share'],
    ['pool', poolSize !== 1, 'there are no children'],
    ['recycle', recycle.calls !== null || recycle.growth !== null, 'there is no child to replace'],
    // A plugin of the stable ABI is handed its configuration.
    ['config', config.size > 0 && abi === null, 'the environment is the gateway’s own, and others read it'],
  ];
  return asked
    .filter(([, is]) => is)
    .map(([key, , why]) => ({
      pointer: `${AT.backend}/${key}`,
      message: `${key} has no meaning with isolation: in-process: ${why}`,
    }));
}
