// A plugin in AssemblyScript, through its PDK: input, output, config, vars, log and error.
import { Config, Host, LogLevel, Memory, Var } from '@extism/as-pdk';
import { error_set } from '@extism/as-pdk/lib/env';

/** What the build puts in the place of `env.abort`, which no host serves. */
function trap(message: string | null, file: string | null, line: u32, column: u32): void {
  unreachable();
}

export function echo(): i32 {
  Host.output(Host.input());
  return 0;
}

export function count(): i32 {
  const text = Host.inputString();
  let vowels = 0;
  for (let at = 0; at < text.length; at++) if ('aeiouAEIOU'.includes(text.charAt(at))) vowels++;
  const label = Config.get('label');
  Host.outputString('{"count":' + vowels.toString() + ',"label":"' + (label === null ? 'none' : label) + '"}');
  return 0;
}

/** Appends the input to what earlier calls have left, and answers with all of it; an empty one forgets. */
export function remember(): i32 {
  const added = Host.input();
  if (added.length === 0) {
    Var.remove('notes');
    return 0;
  }
  const kept = Var.get('notes');
  const before = kept === null ? new Uint8Array(0) : kept;
  const whole = new Uint8Array(before.length + added.length);
  whole.set(before);
  whole.set(added, before.length);
  Var.set('notes', whole);
  Host.output(whole);
  return 0;
}

export function log(): i32 {
  const text = Host.inputString();
  Host.log(LogLevel.Info, text);
  Host.log(LogLevel.Warn, text);
  Host.log(LogLevel.Error, text);
  Host.log(LogLevel.Debug, text);
  return 0;
}

export function refuse(): i32 {
  error_set(Memory.allocateBytes(Host.input()).offset);
  return 1;
}

/** A bound that is checked by the language: its abort is a trap. */
export function out_of_range(): i32 {
  return Host.input()[i32.MAX_VALUE];
}

/** The PDK takes the length of such a text in UTF-16 units for that in bytes. */
export function euros(): i32 {
  Host.outputString('12 €');
  return 0;
}
