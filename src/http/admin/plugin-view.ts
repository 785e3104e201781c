import type { BackendState } from '../../domain/backend.js';
import type { DisabledPlugin, LiveBackend, LivePlugin } from '../../domain/generation.js';
import type { BackendView, PluginView } from '../../schema/api.js';

export function pluginViewOf({ plugin, legacy, wasm }: LivePlugin): PluginView {
  const backends = {
    ...(legacy === null ? {} : { legacy: backendViewOf(legacy) }),
    ...(wasm === null ? {} : { wasm: backendViewOf(wasm) }),
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

function backendViewOf(live: LiveBackend): BackendView {
  const state = live.state();
  return {
    kind: live.kind,
    state: state.state,
    version: live.version,
    sha256: live.sha256,
    ...(live.kind === 'native' && state.state === 'ready' ? { pids: [...state.pids] } : {}),
    ...circumstancesOf(state),
  };
}

function circumstancesOf(state: BackendState): Partial<BackendView> {
  switch (state.state) {
    case 'loading':
    case 'ready':
    case 'unloaded':
      return {};
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

function iso(time: number): string {
  return new Date(time).toISOString();
}
