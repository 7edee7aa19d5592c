import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports are dealt out from a range of this process' own, below those that the kernel gives to clients: test files run side
 * by side, and Envoy would not tell when it shares a port with another Envoy.
 */
const first = 20_000 + (process.pid % 120) * 100;
const last = first + 99;
let candidate = first;

/** A port of 127.0.0.1 that nobody listens on and that this process was not given before. */
export async function freePort(): Promise<number> {
  while (candidate <= last) {
    const port = candidate++;
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port from ${first} to ${last}`);
}

/** Whether a server could listen there now. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = createServer();
  server.listen({ port, host, exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    // EADDRINUSE: somebody has it.
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
