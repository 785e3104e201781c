import { createServer } from 'node:http';
import { ready } from './ready.js';

const ANSWER = Buffer.from('{"count":30}');

// What HTTP alone costs: it reads the body and answers a constant.
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length });
    response.end(ANSWER);
  });
});
server.listen(0, '127.0.0.1', () => ready(server.address()));
