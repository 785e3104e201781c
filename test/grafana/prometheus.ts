import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Prometheus {
  /** The series that an expression finds now; rejects with what Prometheus says against it. */
  query(expr: string): Promise<readonly unknown[]>;
  stop(): Promise<void>;
}

/** Whether Debian's package `prometheus` is there. */
export const prometheusInstalled = spawnSync('prometheus', ['--version']).status === 0;

/** A real Prometheus of its own that scrapes `target` (host:port) five times a second. Resolves when it takes queries. */
export async function startPrometheus(target: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  writeFileSync(
    config,
    `global: { scrape_interval: 200ms, scrape_timeout: 200ms }
scrape_configs: [{ job_name: banyan, static_configs: [{ targets: ['${target}'] }] }]
`,
  );
  const address = `127.0.0.1:${await freePort()}`;
  const prometheus = spawn(
    'prometheus',
    [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${address}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  prometheus.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(prometheus, 'exit');

  while (!(await isReady(address))) {
    if (prometheus.exitCode !== null) throw new Error(`prometheus ended: ${said}`);
    await delay(50);
  }
  return {
    async query(expr) {
      const response = await fetch(`http://${address}/api/v1/query?${new URLSearchParams({ query: expr }).toString()}`);
      const answer = (await response.json()) as { data?: { result: unknown[] }; error?: string };
      if (answer.data === undefined) throw new Error(`${answer.error ?? response.statusText}: ${expr}`);
      return answer.data.result;
    },
    async stop() {
      prometheus.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

async function isReady(address: string): Promise<boolean> {
  const response = await fetch(`http://${address}/-/ready`).catch(() => null);
  return response?.ok ?? false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
