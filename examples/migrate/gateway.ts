import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { show } from './say.js';

/** dist/examples/migrate lies three folders below the package. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BANYAN = join(ROOT, 'bin/banyan.js');

/** The gateway as a process of its own, on a folder with the pricing plugin alone. */
export interface Demo {
  readonly folder: string;
  readonly data: string;
  readonly admin: string;
  /** Puts a build of the module in: writes the manifest and reloads. */
  put(version: string): Promise<void>;
  /** Runs a verb, shows it with its output, and answers the output. Throws unless it ends with `status`. */
  banyan(command: readonly string[], status?: number): Promise<string>;
  /** What the admin API answers. */
  get<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

/** Everything that can go faster than in earnest does: a story of a minute instead of weeks. */
function manifest(version: string): string {
  return `name: pricing
version: 1.4.0
functions:
  quote:
    effects: pure
    input: application/json
    output: application/json
    timeout: 500ms
    key: { header: x-tenant }
    compare: { as: json }
    trip: { consecutive: 5, rest: never }
    retire: { comparisons: 3000, limit: 0.1, quiet: 5s }
backends:
  legacy:
    kind: native
    version: 1.4.0
    library: libpricing.so
    functions:
      quote: { symbol: pricing_quote, convention: buffer }
  wasm:
    kind: wasm
    version: ${version}
    module: pricing-${version}.wasm
`;
}

export async function startDemo(version: string): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-demo-'));
  const plugin = join(folder, 'plugins/pricing');
  await mkdir(plugin, { recursive: true });
  await copyFile(join(ROOT, 'build/fixtures/legacy/libpricing.so'), join(plugin, 'libpricing.so'));
  for (const each of ['1.0.0', '1.0.1', '1.0.2']) {
    await copyFile(join(ROOT, `build/fixtures/wasm/pricing-${each}.wasm`), join(plugin, `pricing-${each}.wasm`));
  }
  await copyFile(join(ROOT, 'examples/plugins/pricing/quote.schema.json'), join(plugin, 'quote.schema.json'));
  await writeFile(join(plugin, 'plugin.yaml'), manifest(version));
  const config = join(folder, 'banyan.yaml');
  await writeFile(config, 'data: { listen: 127.0.0.1:0 }\nadmin: { listen: 127.0.0.1:0 }\n');

  const child = spawn(process.execPath, [BANYAN, 'serve', '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, BANYAN_LOG_LEVEL: 'error' },
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exited = once(child, 'close');
  const urls: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    const [, url] = /(http:\/\/\S+)/.exec(line) ?? [];
    if (url !== undefined && urls.push(url) === 2) break;
  }
  const [data, admin] = urls;
  if (data === undefined || admin === undefined) throw new Error(`the gateway did not start: ${log}`);
  child.stdout.resume();

  const banyan = async (command: readonly string[], status = 0): Promise<string> => {
    const ran = await run([...command], { ...process.env, BANYAN_ADMIN: admin });
    show(command.map(shown), ran.output);
    if (ran.status !== status) throw new Error(`banyan ${command.join(' ')} ended with ${ran.status}, not ${status}`);
    return ran.output;
  };
  // Long paths say nothing to whoever reads along.
  const shown = (word: string): string => (word.startsWith(folder) ? word.slice(folder.length + 1) : word);

  return {
    folder,
    data,
    admin,
    banyan,
    async put(next) {
      await writeFile(join(plugin, 'plugin.yaml'), manifest(next));
      await banyan(['reload']);
    },
    async get<T>(path: string): Promise<T> {
      const response = await fetch(`${admin}${path}`);
      if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
      return (await response.json()) as T;
    },
    async stop() {
      child.kill('SIGINT');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly status: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BANYAN, ...args], { env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
    });
  });
}
