import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import type { NativeOptions } from '#adapters/native/parent/settings.js';
import type { Backend, Containment } from '#src/domain/backend.js';
import type { NativeSpec, Rights } from '#src/domain/native.js';
import { callOf, textOf } from '../contract/calls.js';
import { buffer, compile, specOf } from './libraries.js';
import { Watch } from './watching.js';

type Options = NativeOptions & { readonly bubblewrap?: null };

const trial = spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', '/bin/true']);
const enclosable = trial.status === 0 || process.env['CI'] === 'true';

/** The two ways in which a library is held back. */
export const FLAVOURS: readonly { readonly flavour: string; readonly options: Options }[] = [
  ...(enclosable ? [{ flavour: 'inside bubblewrap', options: {} }] : []),
  { flavour: 'without bubblewrap', options: { bubblewrap: null } },
];

/** Why tests of bubblewrap itself are skipped; null when they run. */
export const unenclosable = enclosable ? null : 'bubblewrap (Debian package bubblewrap) does not run here';

const folder = mkdtempSync(join(tmpdir(), 'banyan-prisoner-'));
const library = compile('prisoner.c', folder, 'libprisoner.so', ['-pthread']);
const source = readFileSync(new URL('./prisoner.c', import.meta.url), 'utf8');
const symbols = [...source.matchAll(/^int32_t (\w+)\(PARAMETERS\)/gm)].flatMap(([, symbol]) => symbol ?? []);
afterAll(() => rmSync(folder, { recursive: true }));

export const NO_RIGHTS: Rights = { network: false, spawn: false, paths: new Map() };

export interface Prisoner {
  readonly watch: Watch;
  readonly backend: Backend;
  readonly containment: Containment;
  /** What the library says about one of its attempts. */
  readonly tries: (name: string, input?: string) => Promise<string>;
}

/** A library that tries; closed after the test. */
export async function imprison(
  options: Options = {},
  rights: Partial<Rights> = {},
  over: Partial<NativeSpec> = {},
): Promise<Prisoner> {
  const functions = Object.fromEntries(symbols.map((symbol) => [symbol, buffer(symbol)]));
  const spec = specOf(library, functions, { rights: { ...NO_RIGHTS, ...rights }, ...over });
  const watch = new Watch();
  const backend = await openNative(options)(spec, watch.report);
  onTestFinished(() => backend.close());
  const ready = watch.states.find(({ state }) => state === 'ready');
  if (ready?.state !== 'ready' || ready.containment === undefined) throw new Error('it does not say what is in force');
  return {
    watch,
    backend,
    containment: ready.containment,
    tries: async (name, input = '') => textOf((await backend.call(callOf(name, input))).output),
  };
}
