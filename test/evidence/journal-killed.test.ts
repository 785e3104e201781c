import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { redacted } from '#src/comparison/redact.js';
import { openJournal } from '#src/evidence/journal/journal.js';

/** Takes note of mismatches without end, in many ways, and says so when many are on the disk. */
const GATEWAY = `
  import { readdirSync } from 'node:fs';
  import { openJournal } from ${JSON.stringify(import.meta.resolve('#src/evidence/journal/journal.js'))};
  import { JOURNAL_LIMITS } from ${JSON.stringify(import.meta.resolve('#src/evidence/journal/limits.js'))};
  const folder = process.argv[1];
  const journal = await openJournal({ folder, limits: { ...JOURNAL_LIMITS, flushMs: 1 }, redact: (body) => body });
  const output = Buffer.alloc(50_000, 'x');
  const spec = { name: 'quote', keyHeader: 'x-key', redact: { pointers: [], headers: [] }, compareDigest: '' };
  const live = { plugin: 'pricing', spec, legacy: null, wasm: null };
  for (let index = 0; ; index++) {
    const differences = [{ pointer: '/field' + (index % 20), kind: 'value', legacy: '1', wasm: '2' }];
    journal.note({
      live, comparison: { result: 'mismatch', differences, omitted: 0 }, input: output, legacy: { output }, wasm: { output },
      primary: 'legacy', requestId: String(index), key: null, at: Date.now(),
    });
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (index % 50 === 49 && readdirSync(folder + '/pricing/quote').length > 20) console.log('written');
  }`;

it('a journal whose process was killed in the middle of writing has nothing torn in it, and goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-journal-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (let time = 0; time < 3; time++) {
    const gateway = spawn(process.execPath, ['--input-type=module', '--eval', GATEWAY, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void gateway.kill('SIGKILL'));
    await once(gateway.stdout, 'data');
    gateway.kill('SIGKILL');
    await once(gateway, 'exit');
    const journal = await openJournal({ folder, redact: redacted });
    const { samples } = await journal.read('pricing', 'quote', { limit: 1_000 });
    await journal.close();
    const files = readdirSync(join(folder, 'pricing/quote')).filter((file) => file !== 'counts.json');
    expect(files.length).toBeGreaterThan(10);
    expect(samples).toHaveLength(files.length);
  }
});
