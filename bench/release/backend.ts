import { closeSync, openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { parseArgs } from 'node:util';

/** A backend as Node makes them, with its own keep-alive of 5 s. Its options are those of cmd/backend. */
const { values } = parseArgs({
  options: { name: { type: 'string' }, delay: { type: 'string', default: '10ms' }, seen: { type: 'string' }, ending: { type: 'string', default: 'graceful' } },
});
const name = values.name ?? '';
const delayMs = Number.parseInt(values.delay, 10);
const seen = openSync(values.seen ?? '', 'a');
const open = new Set<Socket>();

const server = createServer((request, response) => {
  const id = String(request.headers['x-bench-id']);
  const once = request.method === 'POST';
  if (once) writeSync(seen, `+${id}\n`);
  request.resume();
  setTimeout(() => {
    // Node does not say by itself that it is about to end.
    if (!server.listening) response.setHeader('connection', 'close');
    response.setHeader('x-backend', name).end(id, () => {
      if (once) writeSync(seen, `-${id}\n`);
    });
  }, delayMs);
});
server.on('connection', (socket) => {
  open.add(socket);
  socket.on('close', () => open.delete(socket));
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));

process.on('SIGTERM', () => {
  if (values.ending === 'reset') {
    for (const socket of open) socket.resetAndDestroy();
    process.exit();
  }
  // Takes no more connections and ends those that rest; those with a request end with its answer.
  server.close(() => {
    closeSync(seen);
    process.exit();
  });
});
