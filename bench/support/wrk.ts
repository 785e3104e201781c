import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** wrk calls `done` once at the end; a line of JSON is read more surely than its text for people. */
const DONE = `
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('RESULT {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"errors":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
`;

export interface Measurement {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers that are no success, and trouble with sockets. */
  readonly errors: number;
}

interface Load {
  readonly url: string;
  /** From {@link writeScript}. */
  readonly script: string;
  readonly connections: number;
  readonly seconds: number;
}

export async function hasWrk(): Promise<boolean> {
  try {
    await run('wrk', ['-v']);
    return true;
  } catch (error) {
    // It says its version and ends with status 1; only a program that is not there has no status.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/**
 * Writes what makes wrk POST this body; answers the script's path. With `pauseMs`, each connection rests that long on
 * average, and at most twice that, before each request: a load that leaves the server time.
 */
export async function writeScript(
  folder: string,
  name: string,
  body: Uint8Array,
  { pauseMs = 0 }: { readonly pauseMs?: number } = {},
): Promise<string> {
  const bodyFile = path.join(folder, `${name}.body`);
  const script = path.join(folder, `${name}.lua`);
  await writeFile(bodyFile, body);
  await writeFile(
    script,
    `local file = io.open(${JSON.stringify(bodyFile)}, 'rb')\n` +
      `wrk.method = 'POST'\nwrk.body = file:read('*a')\nfile:close()\n` +
      `wrk.headers['content-type'] = 'application/octet-stream'\n${pauseMs === 0 ? '' : `function delay() return math.random(0, ${Math.round(2 * pauseMs)}) end\n`}${DONE}`,
  );
  return script;
}

export async function load({ url, script, connections, seconds }: Load): Promise<Measurement> {
  const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script];
  const { stdout } = await run('wrk', [...flags, url]);
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (line === undefined) throw new Error(`wrk told no result:\n${stdout}`);
  const { requests, microseconds, p50, p99, errors } = JSON.parse(line) as Record<
    'requests' | 'microseconds' | 'p50' | 'p99' | 'errors',
    number
  >;
  return { requestsPerSecond: (requests / microseconds) * 1e6, p50: p50 / 1_000, p99: p99 / 1_000, errors };
}
