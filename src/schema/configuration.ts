import { z } from 'zod';
import { address } from './address.js';
import { hostName, path } from './forms.js';
import { name } from './name.js';
import { bodySize, duration } from './units.js';

/** `banyan.yaml` as it is written; paths and the number of lanes are completed where it is read. */
export const configurationFile = z.strictObject({
  data: z
    .strictObject({
      listen: address.prefault('127.0.0.1:8080').describe('Where plugins are called; port 0 takes any free one.'),
      allowOverride: z
        .boolean()
        .default(false)
        .describe('Whether the request header x-banyan-backend may force a side.'),
      expose: z.boolean().default(true).describe('Whether responses carry x-banyan-* headers.'),
      limits: z
        .strictObject({ body: bodySize.prefault('10MiB').describe('The largest request body.') })
        .prefault({})
        .describe('What one request may take.'),
    })
    .prefault({})
    .describe('The data listener.'),
  admin: z
    .strictObject({
      listen: address.prefault('127.0.0.1:8081').describe('A loopback address, for as long as no token is configured.'),
      hosts: z.array(hostName).prefault([]).describe('Names besides the loopback ones that a Host header may carry.'),
    })
    .prefault({})
    .describe('The admin listener.'),
  plugins: path.default('./plugins').describe('The folder of plugin folders.'),
  libraryRoots: z
    .array(path)
    .default([])
    .describe("Where a bare library name that is not in the plugin's folder is looked up: in order, not recursively."),
  inProcess: z
    .array(name)
    .default([])
    .describe('Plugins whose manifests may say isolation: in-process, which gives up containment and deadlines.'),
  store: z
    .strictObject({
      kind: z.literal('file').default('file'),
      path: path.default('./var').describe('The folder that keeps routes and their history; one process at a time.'),
    })
    .prefault({})
    .describe('Where routes are kept.'),
  lanes: z.int().min(1).max(256).optional().describe('Worker threads that run wasm calls; default: number of cores.'),
  shutdown: z
    .strictObject({
      delay: duration.prefault('1s').describe('How long /readyz answers 503 before connections are refused.'),
      grace: duration.prefault('10s').describe('How long calls may take to end before they are cut off.'),
    })
    .prefault({})
    .describe('How SIGTERM stops the gateway.'),
});
