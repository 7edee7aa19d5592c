import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** What a proxy does to what goes through it. */
export type Trouble =
  /** All connections are cut at once, as by a machine that dies; new ones are well. */
  | 'cut'
  /** Nothing goes through any more, without a word. */
  | 'stalled'
  /** Every piece is held back for a while. */
  | 'slow'
  /** All connections are cut, and new ones too. */
  | 'closed';

/** Stands between a client and a server that may come and go, and makes trouble. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** @param trouble undefined: it ends. */
  trouble(trouble: Trouble | undefined): void;
  /** Nothing goes through the connections of this moment any more, for ever and without a word; new ones are well. */
  strand(): void;
}

const slowByMs = 150;

/**
 * Listens on a free port of 127.0.0.1.
 * @param onWay told whenever a way through it may have opened or closed: there is a connection to the server and no trouble.
 */
export async function startTcpProxy(target: number, onWay: (isOpen: boolean) => void): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];
  let current: Trouble | undefined;
  let connections = 0;
  const strand: (() => void)[] = [];
  const tell = (): void => onWay(connections > 0 && current === undefined);

  /** Pieces stay in order, as each waits for the one before. */
  const troubled = (): Transform =>
    new Transform({
      transform(chunk, _encoding, done) {
        const pass = (): void => void (current === 'stalled' ? held.push(() => done(null, chunk)) : done(null, chunk));
        if (current === 'slow') setTimeout(pass, slowByMs);
        else pass();
      },
    });

  const server = createServer((client) => {
    if (current === 'closed') {
      client.destroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    let isConnected = false;
    const end = (): void => {
      for (const socket of [client, upstream]) {
        socket.destroy();
        sockets.delete(socket);
      }
      if (isConnected) connections -= 1;
      isConnected = false;
      tell();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay(true));
      // Whoever goes takes the other end with it.
      socket.on('error', end).on('close', end);
    }
    upstream.on('connect', () => {
      if (upstream.destroyed) return;
      isConnected = true;
      connections += 1;
      tell();
    });
    client.pipe(troubled()).pipe(upstream);
    upstream.pipe(troubled()).pipe(client);
    strand.push(() => {
      client.unpipe();
      upstream.unpipe();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    trouble(trouble) {
      if (trouble === 'cut' || trouble === 'closed') cut();
      current = trouble === 'cut' ? undefined : trouble;
      tell();
      if (current !== 'stalled') for (const pass of held.splice(0)) pass();
    },
    strand() {
      for (const end of strand.splice(0)) end();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
