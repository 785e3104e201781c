import express from 'express';
import { foregroundCount, workerCount } from './plugin.js';
import { ready } from './ready.js';

const count = await (process.argv.includes('--in-worker') ? workerCount() : foregroundCount());
const app = express();
app.use(express.raw({ type: 'application/octet-stream', limit: '10mb' }));
app.post('/plugins/vowels/count', async (request, response) => {
  const output = await count(request.body as Buffer);
  response.type('application/json').send(Buffer.from(output.buffer, output.byteOffset, output.byteLength));
});
const server = app.listen(0, '127.0.0.1', () => ready(server.address()));
