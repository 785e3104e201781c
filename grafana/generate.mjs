// Writes dashboards/banyan.json from dashboard.ts: node grafana/generate.mjs
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '--project', import.meta.dirname], { stdio: 'inherit' });

const { dashboardJson } = await import(new URL('../build/grafana/dashboard.js', import.meta.url).href);
mkdirSync(new URL('dashboards/', import.meta.url), { recursive: true });
writeFileSync(new URL('dashboards/banyan.json', import.meta.url), dashboardJson());
