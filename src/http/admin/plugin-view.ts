import type { BackendState, Containment } from '../../domain/backend.js';
import type { DisabledPlugin, LivePlugin } from '../../domain/generation.js';
import { artefactOf } from '../../domain/plugin.js';
import type { BackendSpec } from '../../domain/plugin.js';
import type { BackendView, ContainmentView, PluginView } from '../../schema/api.js';

export function pluginViewOf({ plugin, legacy, wasm }: LivePlugin): PluginView {
  const specs = plugin.backends;
  const backends = {
    ...(legacy === null || specs.legacy === null ? {} : { legacy: backendViewOf(specs.legacy, legacy.state()) }),
    ...(wasm === null || specs.wasm === null ? {} : { wasm: backendViewOf(specs.wasm, wasm.state()) }),
  };
  return {
    name: plugin.name,
    version: plugin.version,
    state: pluginStateOf(Object.values(backends)),
    problems: [],
    functions: [...plugin.functions.values()].map((each) => ({
      name: each.name,
      effects: each.effects,
      timeoutMs: each.timeoutMs,
      input: each.input,
      output: each.output,
      keyHeader: each.keyHeader,
    })),
    backends,
  };
}

export function disabledPluginViewOf({ name, problems }: DisabledPlugin): PluginView {
  return { name, version: null, state: 'disabled', problems: [...problems], functions: [], backends: {} };
}

/** `ready`: every backend serves or was unloaded on purpose; `disabled`: none ever will. */
function pluginStateOf(backends: readonly BackendView[]): PluginView['state'] {
  if (backends.every((backend) => backend.state === 'refused')) return 'disabled';
  return backends.every((backend) => backend.state === 'ready' || backend.state === 'unloaded') ? 'ready' : 'degraded';
}

/** A backend by what it was made of and where it stands. */
export function backendViewOf(spec: BackendSpec, state: BackendState): BackendView {
  return {
    kind: spec.kind,
    state: state.state,
    version: spec.version,
    sha256: artefactOf(spec).sha256,
    isolation: spec.isolation,
    ...(spec.kind === 'native' && spec.group !== null ? { group: spec.group } : {}),
    ...(spec.isolation !== 'thread' && state.state === 'ready' ? { pids: [...state.pids] } : {}),
    ...circumstancesOf(state),
  };
}

function circumstancesOf(state: BackendState): Partial<BackendView> {
  switch (state.state) {
    case 'loading':
    case 'unloaded':
      return {};
    case 'ready':
      return {
        ...(state.containment === undefined ? {} : { containment: containmentViewOf(state.containment) }),
        ...(state.halfOpen === true ? { halfOpen: true } : {}),
        ...(state.untried === true ? { untried: true } : {}),
      };
    case 'backing-off':
      return { until: iso(state.until), cause: state.cause };
    case 'tripped':
      return { since: iso(state.since), until: iso(state.until), cause: state.cause };
    case 'refused':
      return { problems: [...state.problems] };
    default:
      return state satisfies never;
  }
}

function containmentViewOf({ network, files, processes, by, missing }: Containment): ContainmentView {
  return { network, files, processes, by: [...by], missing: [...missing] };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
