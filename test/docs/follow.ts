import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { serve, stop, type GatewayProcess } from '../end-to-end/gateway-process.js';
import { run, shown, stagesOf } from './guide.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SERVE = 'bin/banyan.js serve --config ~/gateway/banyan.yaml\n';
/** What whoever runs this suite has done already. */
const BUILD = 'npm run build\n';
/** The addresses that a guide serves at. */
const [DATA, ADMIN] = ['http://127.0.0.1:8080', 'http://127.0.0.1:8081'];

export interface Guide {
  /** Its path in the project. */
  readonly file: string;
  /** What a stage needs that is not here, in words. */
  readonly missing: (stage: string) => readonly string[];
  /** Commands as they are to be here. */
  readonly adapt: (commands: string) => string;
}

/** Those of some programs that cannot be run here. */
export function missingPrograms(names: readonly string[]): readonly string[] {
  return names.filter((name) => spawnSync(name, ['--version']).error !== undefined);
}

/** Tests that a guide's commands do what it shows, in its order and against a real gateway. */
export function followGuide({ file, missing, adapt }: Guide): void {
  const stages = stagesOf(readFileSync(join(ROOT, file), 'utf8')).filter(({ steps }) => steps.length > 0);

  describe(file, () => {
    const home = mkdtempSync(join(tmpdir(), 'banyan-guide-'));
    let gateway: GatewayProcess | null = null;
    afterAll(async () => {
      if (gateway !== null) await stop(gateway);
      rmSync(home, { recursive: true, force: true });
    });

    /** Does as the guide says, but at free ports. */
    async function follow(commands: string): Promise<string | null> {
      if (commands === BUILD) return null;
      if (commands === SERVE) {
        gateway = await serve(join(home, 'gateway'), { HOME: home });
        return null;
      }
      const { data, admin } = gateway ?? { data: DATA, admin: ADMIN };
      const here = adapt(commands)
        .replaceAll(/listen: 127\.0\.0\.1:\d+/g, 'listen: 127.0.0.1:0')
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
    test.for(stages.map(({ title, steps }) => [title, steps] as const))(
      'holds in "%s"',
      { timeout: 180_000 },
      async ([title, steps], context) => {
        // Where what it needs is not installed it cannot be followed; in CI, which installs it, that is a failure.
        const lacking = missing(title);
        if (lacking.length > 0 && process.env['CI'] !== 'true')
          context.skip(`missing, or not able to run here: ${lacking.join(', ')}`);
        expect(lacking).toEqual([]);
        for (const { commands, output } of steps) {
          const found = await follow(commands);
          if (found !== null) expect(found, commands).toMatch(shown(output ?? ''));
        }
      },
    );
  });
}
