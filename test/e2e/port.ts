import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Ports are dealt out in blocks below those that the kernel gives to clients: test files run side by side, and Envoy would
 * not tell when it shares a port with another Envoy. The first port of a block is listened on for as long as its process
 * lives, so that no other process deals out the rest.
 */
const lowest = 20_000;
const highest = 32_000;
const blockSize = 200;

let block: Promise<number> | undefined;
let dealt = 0;

/** A port of 127.0.0.1 that nobody listens on and that no process of these tests was given before, as long as this one lives. */
export async function freePort(): Promise<number> {
  block ??= takeBlock();
  const first = await block;
  while (++dealt < blockSize) {
    const port = first + dealt;
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port from ${first} to ${first + blockSize - 1}`);
}

/** Takes a block that no other process has. @returns its first port. */
async function takeBlock(): Promise<number> {
  const blocks = (highest - lowest) / blockSize;
  for (let tried = 0; tried < blocks; tried++) {
    const first = lowest + ((process.pid + tried) % blocks) * blockSize;
    const guard = await listen(first, '127.0.0.1');
    if (guard === undefined) continue;
    guard.unref();
    return first;
  }
  throw new Error(`no free block of ports from ${lowest} to ${highest}`);
}

/** Whether a server could listen there now. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = await listen(port, host);
  if (server === undefined) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** @returns undefined where somebody else listens (EADDRINUSE). */
async function listen(port: number, host: string): Promise<Server | undefined> {
  const server = createServer();
  server.listen({ port, host, exclusive: true });
  return once(server, 'listening').then(
    () => server,
    () => undefined,
  );
}
