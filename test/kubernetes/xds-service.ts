import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What the Service of Sluice is to Envoys: one address for all replicas. */
export interface XdsService extends AsyncDisposable {
  readonly port: number;
  /** Ports of the replicas that take new connections, in turns; connections that are there stay where they are. */
  lead(ports: readonly number[]): void;
  /** Cuts all connections, as a node that dies does. */
  cut(): void;
}

/** Listens on a free port of 127.0.0.1. While it leads to nobody, connections are refused. */
export async function startXdsService(): Promise<XdsService> {
  const sockets = new Set<Socket>();
  let targets: readonly number[] = [];
  let turn = 0;
  const server = createServer((client) => {
    const port = targets[turn++ % targets.length];
    if (port === undefined) return client.destroy();
    const replica = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, replica],
      [replica, client],
    ] as const) {
      sockets.add(from.setNoDelay(true));
      from.pipe(to);
      // Whoever goes takes the other end with it.
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    lead(ports) {
      targets = ports;
    },
    cut,
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
