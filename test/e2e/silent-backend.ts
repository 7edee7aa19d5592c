import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

interface SilentBackend extends AsyncDisposable {
  readonly port: number;
  /** Ends all connections that it has. */
  cut(): void;
}

/** A backend that takes every connection and never answers. */
export async function startSilentBackend(): Promise<SilentBackend> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.resume().on('error', () => undefined);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await once(server.close(), 'close');
    },
  };
}
