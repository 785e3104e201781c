import { BlockList, isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Address, Configuration } from '../domain/configuration.js';
import { Misconfigured } from '../domain/misconfigured.js';
import { address } from '../schema/address.js';
import { configurationFile } from '../schema/configuration.js';
import { UNSUPPORTED_IN_CONFIGURATION } from '../schema/unsupported.js';
import { checkShape } from './explain.js';
import { describeFound, valueAt } from './found.js';
import { placed, type Mistake } from './mistake.js';
import { decode, readBytes } from './read-text.js';
import { parseYaml, type YamlDocument } from './yaml-document.js';

/** Reads `banyan.yaml`, its paths made absolute; rejects with {@link Misconfigured}, which holds every mistake at once. */
export async function readConfiguration(file: string): Promise<Configuration> {
  const absolute = resolve(file);
  return parseConfiguration(absolute, await readBytes(absolute));
}

/** The configuration that the bytes of a file hold; throws {@link Misconfigured}. `file` is absolute. */
export function parseConfiguration(file: string, bytes: Uint8Array): Configuration {
  const document = parseYaml(file, decode(file, bytes));
  const shape = checkShape(document, configurationFile, UNSUPPORTED_IN_CONFIGURATION);
  const mistakes = [...shape.mistakes, ...loopbackRule(document)];
  const { result } = shape;
  if (result === null || mistakes.length > 0) throw new Misconfigured(placed(file, mistakes, document.place));

  const { data, admin, store, lanes, shutdown } = result;
  const folder = dirname(file);
  return {
    file,
    data,
    admin,
    plugins: resolve(folder, result.plugins),
    libraryRoots: result.libraryRoots.map((root) => resolve(folder, root)),
    inProcess: result.inProcess,
    store: { kind: store.kind, path: resolve(folder, store.path) },
    lanes: lanes ?? availableParallelism(),
    shutdown: { delayMs: shutdown.delay, graceMs: shutdown.grace },
  };
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** Without tokens whoever reaches the admin listener may do everything: it stays on this machine. */
function loopbackRule({ value, source }: YamlDocument): Mistake[] {
  const path = ['admin', 'listen'];
  const { data: listen } = address.safeParse(valueAt(value, path));
  if (listen === undefined || isLoopback(listen)) return [];
  const found = describeFound(valueAt(value, path), source(path));
  const message = `expected a loopback address, such as 127.0.0.1:${listen.port}, since no token protects this listener, found ${found}`;
  return [{ path, at: 'value', message }];
}

function isLoopback({ host }: Address): boolean {
  const family = isIP(host);
  return family === 0 ? host.toLowerCase() === 'localhost' : LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
