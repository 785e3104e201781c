import { createServer } from 'node:net';

// What two Node.js processes and a Unix socket cost alone: every byte goes back as it came.
const [at] = process.argv.slice(2);
const server = createServer((socket) => {
  socket.on('data', (chunk) => socket.write(chunk));
  socket.on('error', () => socket.destroy());
});
server.listen(at, () => process.send?.('ready'));
// A bench that dies must not leave a server behind.
process.on('disconnect', () => process.exit(0));
