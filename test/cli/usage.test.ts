import { describe, expect, it } from 'vitest';
import { banyan } from './banyan.js';

const VERBS = [
  'serve',
  'check',
  'status',
  'plugins',
  'routes',
  'set',
  'history',
  'events',
  'rollback',
  'trips',
  'rollout',
  'reload',
  'call',
];

describe('wrong usage', () => {
  it.each([
    [[]],
    [['fly']],
    [['routes', '--colour']],
    [['set']],
    [['set', 'pricing']],
    [['set', 'pricing', 'blue']],
    [['set', 'pricing/quote/extra', 'wasm']],
    [['set', '../pricing', 'wasm']],
    [['set', 'pricing', 'canary', '--percent', 'five']],
    [['set', 'pricing', 'canary', '--percent']],
    [['set', 'pricing', 'wasm', '--if-match', 'W/"1"']],
    [['set', 'pricing', 'wasm', 'extra']],
    [['routes', '--admin', 'ftp://127.0.0.1']],
    [['routes', '--admin', '127.0.0.1:8081']],
    [['rollback', 'newest']],
    [['rollback', '--function', 'quote']],
    [['history', '--limit', '-1']],
    [['events', 'all']],
    [['call', 'pricing']],
    [['call', 'pricing/quote', 'x', '--file', 'y']],
  ])('%j ends with 2, and says so on stderr', async (args) => {
    const { status, out, err } = await banyan(args);
    expect([status, out]).toEqual([2, '']);
    expect(err).not.toBe('');
    expect(err).not.toContain('    at ');
  });

  it('in the environment ends with 2, too', async () => {
    expect((await banyan(['routes'], { env: { BANYAN_ADMIN: 'nonsense' } })).status).toBe(2);
  });
});

describe('help', () => {
  it('lists every verb', async () => {
    const { status, out } = await banyan(['--help']);
    expect(status).toBe(0);
    for (const verb of VERBS) expect(out).toMatch(new RegExp(`^ {2}${verb} `, 'm'));
  });

  it.each(VERBS)('stands behind %s', async (verb) => {
    const { status, out } = await banyan([verb, '--help']);
    expect(status).toBe(0);
    expect(out).toContain(`Usage: banyan ${verb} `);
  });

  it('tells the version of the package', async () => {
    const { status, out } = await banyan(['--version']);
    expect(status).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
