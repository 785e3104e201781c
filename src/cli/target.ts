import { InvalidArgumentError } from 'commander';
import { NAME } from '../schema/name.js';

export interface Target {
  readonly plugin: string;
  readonly function: string | null;
}

/** Reads `PLUGIN` or `PLUGIN/FUNCTION`. */
export function parseTarget(text: string): Target {
  const [plugin = '', functionName, ...rest] = text.split('/');
  if (rest.length > 0 || !NAME.test(plugin) || (functionName !== undefined && !NAME.test(functionName))) {
    throw new InvalidArgumentError('Expected PLUGIN or PLUGIN/FUNCTION, such as pricing/quote.');
  }
  return { plugin, function: functionName ?? null };
}

/** Reads `PLUGIN/FUNCTION`. */
export function parseFunctionTarget(text: string): { readonly plugin: string; readonly function: string } {
  const { plugin, function: functionName } = parseTarget(text);
  if (functionName === null) throw new InvalidArgumentError('Expected PLUGIN/FUNCTION, such as pricing/quote.');
  return { plugin, function: functionName };
}

export function nameOf(target: Target): string {
  return target.function === null ? target.plugin : `${target.plugin}/${target.function}`;
}

export function pathOf(target: Target): string {
  return `/api/v1/routes/${nameOf(target)}`;
}
