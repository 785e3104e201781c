import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { serve, stop, type GatewayProcess } from '../end-to-end/gateway-process.js';
import { systemLibrary } from '../native/declaring.js';
import { run, shown, stagesOf } from './guide.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const GUIDE = readFileSync(join(ROOT, 'docs/native-plugins.md'), 'utf8');
const SERVE = 'bin/banyan.js serve --config ~/gateway/banyan.yaml\n';
/** What whoever runs this suite has done already. */
const BUILD = 'npm run build\n';
/** Where the guide has the system's libraries, and the addresses that it serves at. */
const LIBRARIES = '/usr/lib/x86_64-linux-gnu';
const [DATA, ADMIN] = ['http://127.0.0.1:8080', 'http://127.0.0.1:8081'];

const folder = dirname(systemLibrary('libz.so.1') ?? LIBRARIES);
const missing = [
  ...['libz.so.1', 'libidn2.so.0', 'libsqlite3.so.0', 'libm.so.6'].filter((name) => !existsSync(join(folder, name))),
  ...['cc', 'curl', 'nm'].filter((program) => spawnSync(program, ['--version']).error !== undefined),
  ...(spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', '/bin/true']).status === 0 ? [] : ['bubblewrap']),
];
const skipped = missing.length > 0 && process.env['CI'] !== 'true';
const stages = stagesOf(GUIDE).filter(({ steps }) => steps.length > 0);

describe('docs/native-plugins.md', () => {
  const home = mkdtempSync(join(tmpdir(), 'banyan-guide-'));
  let gateway: GatewayProcess | null = null;
  afterAll(async () => {
    if (gateway !== null) await stop(gateway);
    rmSync(home, { recursive: true, force: true });
  });

  /** Does as the guide says, but at free ports and with the libraries where this system has them. */
  async function follow(commands: string): Promise<string | null> {
    if (commands === BUILD) return null;
    if (commands === SERVE) {
      gateway = await serve(join(home, 'gateway'), { HOME: home });
      return null;
    }
    const { data, admin } = gateway ?? { data: DATA, admin: ADMIN };
    const here = commands
      .replaceAll(/listen: 127\.0\.0\.1:\d+/g, 'listen: 127.0.0.1:0')
      .replaceAll(LIBRARIES, folder)
      .replaceAll(DATA, data)
      .replaceAll(ADMIN, admin);
    const output = await run(here, ROOT, { HOME: home, BANYAN_DATA: data, BANYAN_ADMIN: admin });
    return output.replaceAll(home, '~').trimEnd();
  }

  test('has a gateway to start, and commands in seven stages or more', () => {
    expect(stages.flatMap(({ steps }) => steps).filter(({ commands }) => commands === SERVE)).toHaveLength(1);
    expect(stages.length).toBeGreaterThanOrEqual(7);
  });

  // Each stage stands on those before it, in the same gateway.
  test.for(stages.map(({ title, steps }) => [title, steps] as const))('holds in "%s"', async ([, steps], context) => {
    // Where the guide's libraries are not installed it cannot be followed; in CI, which installs them, that is a failure.
    if (skipped) context.skip(`missing, or not able to run here: ${missing.join(', ')}`);
    expect(missing).toEqual([]);
    for (const { commands, output } of steps) {
      const found = await follow(commands);
      if (found !== null) expect(found, commands).toMatch(shown(output ?? ''));
    }
  });
});
