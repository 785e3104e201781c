import { afterAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { Refused } from '#src/domain/backend.js';
import type { WasmSpec } from '#src/domain/plugin.js';
import { tableOf } from '../table.js';
import { linkOf, specOf } from './harness.js';
import { CASES } from './parity-cases.js';
import { type Answer, ours, theirs } from './parity-sides.js';
import { wat } from './wat.js';

const rows: string[][] = [];
const differences: string[] = [];
afterAll(() => {
  const title = 'Modules that answer here as in @extism/extism, in output, error, trap, vars and log';
  const table = tableOf(['module', 'PDK', 'functions', 'calls compared', 'lines logged'], rows);
  const but = differences.map((difference) => `- ${difference}`).join('\n');
  // eslint-disable-next-line no-console -- what this file is there to show
  console.log(`${title}\n\n${table}\n\nThe documented differences:\n${but}`);
});

/** The words of a trap are each engine's own. */
function plain(answer: Answer): Answer {
  return 'trap' in answer ? { trap: 'yes' } : answer;
}

describe('a module answers here as it does in the bare SDK', () => {
  it.each(CASES.map((one) => [`${one.module} (${one.pdk}): ${Object.keys(one.functions).join(', ')}`, one] as const))(
    '%s',
    async (_title, { module, pdk, functions, extra = {}, calls = 60 }) => {
      const names = Object.keys(functions);
      const spec = specOf(module.split(' ')[0]!, names, extra);
      const [mine, reference] = [await ours(spec), await theirs(spec)];
      let compared = 0;
      // One order of all functions, so that what one call leaves meets the next one, whichever that is.
      const any = fc.oneof(...names.map((name) => functions[name]!.map((input) => ({ name, input }))));
      for (const { name, input } of fc.sample(any, calls * names.length)) {
        const expected = plain(await reference.call(name, input));
        expect({ name, input, ...plain(await mine.call(name, input)) }).toEqual({ name, input, ...expected });
        compared++;
      }
      const lines = await reference.end();
      expect(await mine.end()).toEqual(lines);
      rows.push([module, pdk, names.join(' '), `${compared}`, `${lines.length}`]);
    },
  );
});

it('what is not served here is not served there: env, which AssemblyScript aborts by if nothing is said', async () => {
  const spec = specOf(wat('(module (import "env" "abort" (func (param i32 i32 i32 i32))) (func (export "f")))'), ['f']);
  await expect(ours(spec)).rejects.toThrow(Refused);
  await expect(theirs(spec)).rejects.toThrow('cannot resolve import "env" "abort"');
});

interface BothOptions extends Partial<Omit<WasmSpec, 'calls'>> {
  readonly calls?: number;
  readonly input?: string;
  readonly afterTrap?: 'begin anew' | 'go on';
}

/** What the last of some calls of a module comes to on both sides. */
async function both(
  module: string | Uint8Array,
  name: string,
  { calls = 1, input = 'x', afterTrap = 'begin anew', ...extra }: BothOptions = {},
): Promise<{ readonly here: Answer; readonly sdk: Answer }> {
  const spec = specOf(module, [name], extra);
  const [mine, reference] = [await ours(spec), await theirs(spec, afterTrap)];
  let answers: { here: Answer; sdk: Answer } | null = null;
  for (let call = 0; call < calls; call++)
    answers = {
      here: await mine.call(name, Buffer.from(input)),
      sdk: await reference.call(name, Buffer.from(input)),
    };
  await mine.end();
  await reference.end();
  return answers!;
}

const hex = (text: string): string => Buffer.from(text).toString('hex');
const trapped = (words: string): { trap: unknown } => ({ trap: expect.stringContaining(words) });

describe('it differs, as is documented:', () => {
  const differs = (name: string, test: () => Promise<void>): void =>
    it(name, async () => {
      await test();
      differences.push(name);
    });

  differs('a status other than 0 is an error, also without a text; the SDK does not look at it', async () => {
    expect(await both('faulty.wasm', 'status')).toEqual({
      here: { error: 'it returned status 3' },
      sdk: { output: '' },
    });
  });

  differs('a store past the end of a block traps; in the SDK it is an error of JavaScript, or is lost', async () => {
    // as-pdk's outputString does that with text beyond ASCII.
    const { here } = await both('notes.wasm', 'euros');
    expect(here).toEqual(trapped('is outside every block'));
  });

  differs('after a trap the next call meets a new instance; the SDK goes on with what the trap has left', async () => {
    const module = wat(`(module
      (global $calls (mut i32) (i32.const 0))
      (func (export "once") (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (if (i32.eq (global.get $calls) (i32.const 1)) (then unreachable))
        (i32.const 0)))`);
    expect(await both(module, 'once', { calls: 2, afterTrap: 'go on' })).toEqual({
      here: trapped('unreachable'),
      sdk: { output: '' },
    });
  });

  differs('the length given to output_set counts, and a part of a block can be the output', async () => {
    const module = wat(`(module
      (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
      (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
      (func (export "middle") (result i32)
        (call $output_set (i64.add (call $input_offset) (i64.const 1)) (i64.const 2))
        (i32.const 0)))`);
    expect(await both(module, 'middle', { input: 'abcd' })).toEqual({
      here: { output: hex('bc') },
      sdk: { output: hex('abcd') },
    });
  });

  differs('an empty value of the configuration is no block; in the SDK it is one of no length', async () => {
    const module = wat(`(module
      (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
      (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
      (func (export "found") (result i32)
        (if (i64.ne (call $config_get (call $input_offset)) (i64.const 0)) (then unreachable))
        (i32.const 0)))`);
    const config = new Map([['empty', '']]);
    expect(await both(module, 'found', { input: 'empty', config })).toEqual({
      here: { output: '' },
      sdk: trapped('unreachable'),
    });
  });

  differs('a key of the configuration is what the manifest has; in the SDK also what every object has', async () => {
    expect(await both('reverse.wasm', 'config', { input: 'toString' })).toEqual({
      here: { error: 'no such key' },
      sdk: expect.not.objectContaining({ error: 'no such key' }) as unknown,
    });
  });

  differs('the value that is given to var_set is the host’s from there on; in the SDK it stays', async () => {
    const module = wat(`(module
      (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
      (import "extism:host/env" "length" (func $length (param i64) (result i64)))
      (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
      (func (export "left") (result i32)
        (local $value i64)
        (local.set $value (call $alloc (i64.const 5)))
        (call $var_set (call $alloc (i64.const 1)) (local.get $value))
        (if (i64.ne (call $length (local.get $value)) (i64.const 0)) (then unreachable))
        (i32.const 0)))`);
    expect(await both(module, 'left')).toEqual({ here: { output: '' }, sdk: trapped('unreachable') });
  });

  differs('a linked module with a _start is made once; in the SDK once for each import from it', async () => {
    const command = wat(`(module
      (global $calls (mut i32) (i32.const 0))
      (func $count (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (global.get $calls))
      (func (export "_start"))
      (func (export "a") (result i32) (call $count))
      (func (export "b") (result i32) (call $count)))`);
    const module = wat(`(module
      (import "command" "a" (func $a (result i32)))
      (import "command" "b" (func $b (result i32)))
      (func (export "shared") (result i32)
        (drop (call $a))
        (if (i32.eq (call $b) (i32.const 2)) (then unreachable))
        (i32.const 0)))`);
    expect(await both(module, 'shared', { link: linkOf({ command }) })).toEqual({
      here: trapped('unreachable'),
      sdk: { output: '' },
    });
  });
});
