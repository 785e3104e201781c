import { fastify } from 'fastify';
import { foregroundCount } from './plugin.js';
import { ready } from './ready.js';

const count = await foregroundCount();
const app = fastify({ bodyLimit: 10 * 2 ** 20 });
app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.post<{ Body: Buffer }>('/plugins/vowels/count', async (request, reply) => {
  const output = await count(request.body);
  return reply.type('application/json').send(output);
});
await app.listen({ port: 0, host: '127.0.0.1' });
ready(app.server.address());
