import type { RouteEdit } from '../domain/control.js';
import { Rejected } from '../domain/control.js';
import type { Generation, LivePlugin } from '../domain/generation.js';
import type { Plugin, PluginFunction } from '../domain/plugin.js';
import { backendsNeededBy } from '../domain/stage.js';
import type { Stage } from '../domain/stage.js';
import { unknownIn } from '../domain/unknown.js';

export interface Mistake {
  readonly pointer: string;
  readonly message: string;
}

/** What an edit may not ask for (as mistakes at pointers into the stage), and what it should know. */
export interface Judgement {
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly string[];
}

/** The plugin that an edit names. Rejects with `unknown-plugin`, `unknown-function`, or `conflict` for a disabled one. */
export function pluginOf(generation: Generation, edit: Pick<RouteEdit, 'plugin' | 'function'>): LivePlugin {
  const unknown = unknownIn(generation, edit);
  if (unknown !== null) throw new Rejected(unknown);
  const live = generation.plugins.get(edit.plugin);
  if (live !== undefined) return live;
  const detail = `plugin ${edit.plugin} is disabled: mend its manifest and reload first`;
  throw new Rejected({ code: 'conflict', detail });
}

export function judge(plugin: Plugin, functionName: string | null, stage: Stage): Judgement {
  const missing = backendsNeededBy(stage).filter((name) => plugin.backends[name] === null);
  const mistakes = missing.map((name) => ({
    pointer: '/stage',
    message: `stage ${stage.stage} needs a ${name} backend, and plugin ${plugin.name} has none`,
  }));
  const warnings: string[] = [];

  for (const wish of runsTwice(stage)) {
    const unsafe = concerned(plugin, functionName).filter((each) => each.effects === 'unsafe');
    if (unsafe.length === concerned(plugin, functionName).length) {
      mistakes.push({
        pointer: `/${wish}`,
        message: `${wish} runs a call twice, which effects: unsafe forbids (${names(unsafe)})`,
      });
    } else if (unsafe.length > 0) {
      warnings.push(`${wish} leaves out ${names(unsafe)}: effects: unsafe forbids to run a call twice`);
    }
  }
  return { mistakes, warnings };
}

/** Warnings for the backends of a stage that are there, but do not run now. One that is unloaded is loaded for the stage. */
export function notRunning(live: LivePlugin, stage: Stage): readonly string[] {
  return backendsNeededBy(stage).flatMap((name) => {
    const state = live[name]?.state();
    return state === undefined || state.state === 'ready' || state.state === 'unloaded'
      ? []
      : [
          `the ${name} backend of ${live.plugin.name} is ${state.state}: its calls will not be answered until it is ready`,
        ];
  });
}

/** The functions that keep a route of their own when their plugin's is changed, with the stages that they stay in. */
export function keepTheirOwn(live: LivePlugin): readonly string[] {
  return [...live.functions.values()]
    .filter((each) => each.route.own)
    .map(({ spec, route }) => `${live.plugin.name}/${spec.name} stays in ${route.stage.stage}`);
}

function concerned(plugin: Plugin, functionName: string | null): readonly PluginFunction[] {
  return [...plugin.functions.values()].filter((each) => functionName === null || each.name === functionName);
}

function runsTwice(stage: Stage): readonly ('sample' | 'fallback')[] {
  const wishes: ('sample' | 'fallback')[] = [];
  if ('sample' in stage && stage.sample > 0) wishes.push('sample');
  if ('fallback' in stage && stage.fallback) wishes.push('fallback');
  return wishes;
}

function names(functions: readonly PluginFunction[]): string {
  return functions.map((each) => each.name).join(', ');
}
