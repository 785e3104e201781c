// Writes docs/schema/*.json from the schemas that parse these files; with --check it writes nothing, and says by its
// exit status whether the committed ones are fresh. Needs the build.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { configurationFile } from '../dist/src/schema/configuration.js';
import { manifestFile } from '../dist/src/schema/manifest.js';
import { rolloutPlan } from '../dist/src/schema/rollout-plan.js';

const SCHEMAS = { banyan: configurationFile, plugin: manifestFile, rollout: rolloutPlan };
const folder = new URL('../docs/schema/', import.meta.url);
const onlyCheck = process.argv.includes('--check');

await mkdir(folder, { recursive: true });
for (const [name, schema] of Object.entries(SCHEMAS)) {
  const file = new URL(`${name}.schema.json`, folder);
  const fresh = `${JSON.stringify({ title: `${name}.yaml`, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`;
  const committed = await readFile(file, 'utf8').catch(() => '');
  if (committed === fresh) continue;
  if (onlyCheck) {
    console.error(`${file.pathname} is stale: run node scripts/generate-schemas.mjs`);
    process.exitCode = 1;
  } else {
    await writeFile(file, fresh);
  }
}
