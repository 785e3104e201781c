import { z } from 'zod';
import { absolutePath, path, sha256, version } from './forms.js';
import { hostGrant } from './host-grant.js';
import { name, NAME } from './name.js';
import { size } from './units.js';

const PAGE = 65_536;

const aName = NAME.source.slice(1, -1);
const callable = z
  .string()
  .regex(
    new RegExp(`^${aName}/(${aName}|\\*)$`),
    'expected plugin/function, or plugin/* for all functions of a plugin',
  );
/** Modules that a plugin may be linked with: each instance has a memory for every one of them. */
const MOST_LINKS = 32;

/** A linked module may stand for anything but the plugin's own module and the host's memory. */
const linkName = z
  .string()
  .regex(/^(?!(?:main|extism:host\/env)$)./su, 'expected a name other than main and extism:host/env');

/** `backends.wasm` as it is written. */
export const wasmBackend = z.strictObject({
  kind: z.literal('wasm'),
  version: version.optional().describe("Default: the plugin's."),
  module: path.describe("A path inside the plugin's folder."),
  sha256: sha256.optional().describe('What the module must hash to.'),
  functions: z
    .record(name, z.strictObject({ export: z.string().min(1).optional() }))
    .default({})
    .describe('The export that is called for a function; default: the one of the same name.'),
  link: z
    .record(linkName, path)
    .refine((links) => Object.keys(links).length <= MOST_LINKS, `expected at most ${MOST_LINKS} modules`)
    .default({})
    .describe('Further modules inside the folder, by the name that they are imported under.'),
  memory: size
    .refine((bytes) => bytes >= PAGE && bytes <= PAGE * PAGE, 'expected 64KiB to 4GiB, which is what wasm can address')
    .prefault('64MiB')
    .describe('The most memory that an instance may have.'),
  instance: z
    .enum(['reuse', 'fresh'])
    .default('reuse')
    .describe('fresh: each call gets a new instance, and finds nothing that an earlier one left.'),
  config: z.record(z.string(), z.string()).default({}).describe('What the guest finds under config.'),
  hosts: z
    .array(hostGrant)
    .default([])
    .describe('What the guest may reach by http_request, as [scheme://]host[:port]; nothing by default.'),
  paths: z.record(absolutePath, path).default({}).describe('Guest path to host path; read-only unless written "rw:…".'),
  calls: z
    .array(callable)
    .default([])
    .describe('Functions that the guest may call by banyan_call: plugin/function, or plugin/*; nothing by default.'),
  isolation: z
    .enum(['thread', 'process'])
    .default('thread')
    .describe('process: in a process of its own, which is held back, for a module that nobody trusts.'),
  containment: z
    .enum(['required', 'preferred', 'none'])
    .default('preferred')
    .describe(
      'Of that process. required: refused where it cannot be had whole; preferred: as much of it as can be had.',
    ),
});
