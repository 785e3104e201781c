// A program in a process for code that nobody trusts: tries what such code would, and says how far it came, as JSON.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

const outcome = (act) => {
  try {
    act();
    return 'done';
  } catch (error) {
    return error.code ?? String(error);
  }
};

export function run({ outgoing, missing }) {
  const said = {
    missing,
    spawn: spawnSync('/bin/sh', ['-c', 'true']).error?.code ?? 'done',
    kill: outcome(() => process.kill(process.ppid, 0)),
    passwd: outcome(() => readFileSync('/etc/passwd')),
    environment: Object.keys(process.env).filter((name) => name.startsWith('BANYAN')),
    others: readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) > 2 && name !== `${process.pid}`),
  };
  const tell = () => {
    if (Object.keys(said).length === 8) writeSync(outgoing, `${JSON.stringify(said)}\n`);
  };
  const socket = connect({ host: '127.0.0.1', port: 1 });
  socket.on('error', ({ code }) => {
    said.network = code;
    tell();
  });
  // In a lane it is the same: what holds the process back holds every thread back.
  const lane = `
    const { spawnSync } = require('node:child_process');
    require('node:worker_threads').parentPort.postMessage(spawnSync('/bin/sh', ['-c', 'true']).error?.code ?? 'done');`;
  new Worker(lane, { eval: true }).on('message', (code) => {
    said.spawnInLane = code;
    tell();
  });
}
