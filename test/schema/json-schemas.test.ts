import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';

const run = promisify(execFile);
const schema = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../docs/schema/${name}.schema.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >;

describe('The JSON Schemas for editors', () => {
  it('are those of the schemas that parse the files', async () => {
    const script = new URL('../../scripts/generate-schemas.mjs', import.meta.url).pathname;
    await expect(run(process.execPath, [script, '--check'])).resolves.toMatchObject({ stderr: '' });
  });

  it('say durations, sizes and addresses as they are written', () => {
    expect(schema('plugin')).toMatchObject({
      required: ['name', 'version', 'functions', 'backends'],
      properties: {
        functions: {
          additionalProperties: {
            properties: {
              timeout: { type: 'string', default: '10s', pattern: '^(\\d+(?:\\.\\d+)?)(ms|s|m|h)$' },
              effects: { enum: ['pure', 'idempotent', 'unsafe'], default: 'unsafe' },
            },
            additionalProperties: false,
          },
        },
        limits: { properties: { output: { type: 'string', default: '16MiB' } } },
        backends: { properties: { wasm: { properties: { memory: { type: 'string', default: '64MiB' } } } } },
      },
      additionalProperties: false,
    });
    expect(schema('banyan')).toMatchObject({
      properties: {
        data: { properties: { listen: { type: 'string', default: '127.0.0.1:8080' } } },
        admin: { properties: { listen: { type: 'string', default: '127.0.0.1:8081' } } },
      },
      additionalProperties: false,
    });
  });
});
