import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { start } from '../cli/banyan.js';

const EXAMPLE = fileURLToPath(new URL('../../build/example/', import.meta.url));

/** The gateway that ships, as a process of its own, on a copy of the example plugins and free ports. */
export interface GatewayProcess {
  readonly data: string;
  readonly admin: string;
  readonly pid: number;
  /** The folder with `banyan.yaml`, `plugins` and `var`. */
  readonly folder: string;
  readonly stderr: () => string;
  /** Resolves to the exit status, or the signal's name. */
  readonly exited: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

/** An example gateway's folder; `yaml` is added to its configuration. */
export async function exampleFolder(yaml = ''): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-e2e-'));
  await cp(EXAMPLE, folder, { recursive: true, filter: (from) => !from.endsWith('/var') });
  const example = await readFile(join(EXAMPLE, 'banyan.yaml'), 'utf8');
  await writeFile(join(folder, 'banyan.yaml'), `${example.replaceAll(/:808[01]/g, ':0')}${yaml}`);
  return folder;
}

/** Resolves when it serves; rejects with what it said when it ends before. */
export async function serve(folder: string, env: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> {
  const child = start(['serve', '--config', join(folder, 'banyan.yaml')], { BANYAN_LOG_LEVEL: 'info', ...env });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = once(child, 'close').then(([status, signal]) => (status ?? signal) as number | string);
  const urls: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    const [, url] = /(http:\/\/\S+)/.exec(line) ?? [];
    if (url !== undefined) urls.push(url);
    if (urls.length === 2) break;
  }
  child.stdout.resume();
  const [data, admin] = urls;
  if (data === undefined || admin === undefined) throw new Error(`it ended with ${await exited}: ${stderr}`);
  return { data, admin, pid: child.pid!, folder, stderr: () => stderr, exited, kill: (signal) => child.kill(signal) };
}

/** Stops a gateway at once, waits for its end and removes its folder. */
export async function stop(gateway: GatewayProcess): Promise<void> {
  gateway.kill('SIGINT');
  await gateway.exited;
  await rm(gateway.folder, { recursive: true });
}

export interface Called {
  readonly status: number;
  readonly backend: string | null;
  readonly reason: string | null;
  readonly body: Buffer;
  readonly code: string | null;
  readonly detail: string | null;
}

export async function call(
  gateway: Pick<GatewayProcess, 'data'>,
  target: string,
  input: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Called> {
  const response = await fetch(`${gateway.data}/plugins/${target}`, { method: 'POST', body: input, headers });
  const body = Buffer.from(await response.arrayBuffer());
  const isProblem = response.headers.get('content-type') === 'application/problem+json';
  const problem = isProblem ? (JSON.parse(body.toString()) as { code: string; detail: string }) : null;
  return {
    status: response.status,
    backend: response.headers.get('x-banyan-backend'),
    reason: response.headers.get('x-banyan-reason'),
    body,
    code: problem?.code ?? null,
    detail: problem?.detail ?? null,
  };
}

/** Changes a route over the admin API, whatever it was. */
export async function set(gateway: Pick<GatewayProcess, 'admin'>, target: string, stage: object): Promise<void> {
  const response = await fetch(`${gateway.admin}/api/v1/routes/${target}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-match': '*' },
    body: JSON.stringify(stage),
  });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
}
