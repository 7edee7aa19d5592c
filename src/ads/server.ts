import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { formatAddress, isLoopback, parseAddress } from '../address.ts';
import type { Clock } from '../clock.ts';
import type { Snapshot } from '../resource.ts';
import type { Snapshots } from '../revision/snapshots.ts';
import { createClientStatus } from './client-status.ts';
import { type Connection, createConnection, type XdsCall } from './connection.ts';
import { createFlights } from './flights.ts';
import { createRepeated } from './repeated.ts';
import { xdsServices } from './services.ts';
import type { AdsObserver, NodeStatus } from './status.ts';
import { defaultStreamLimits, type StreamLimits } from './stream-state.ts';
import { createTurns, type Turns } from './turns.ts';

export interface AdsServerOptions {
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer: AdsObserver;
  /** Listen in plain text on addresses that others can reach; by default that is refused. */
  readonly insecure?: boolean;
  /** Whether every source has listed, for the reason that a waiting stream shows. Undefined: since the first snapshot of any group. */
  readonly isReady?: () => boolean;
  /** Times that differ from `defaultStreamLimits`. */
  readonly limits?: Partial<StreamLimits>;
}

export interface AdsServer {
  /**
   * Starts to accept streams.
   * @param address `HOST:PORT`; port 0 takes a free one.
   * @returns the bound `HOST:PORT`.
   * @throws {Error} where the address cannot be bound, or others can reach it and `insecure` is not set.
   */
  listen(address: string): Promise<string>;
  /** Stops accepting, ends every stream, and cuts what is still open after `graceMs`. Does nothing where it does not listen. */
  stop(graceMs: number): Promise<void>;
  /** Every open stream whose client has named itself. */
  nodes(): readonly NodeStatus[];
}

/** A reconnecting delta Envoy tells the versions of all it has in one message. */
const mostReceivedBytes = 64 * 1024 * 1024;
const transportOptions = {
  'grpc.max_receive_message_length': mostReceivedBytes,
  'grpc.max_send_message_length': -1,
  // Its statistics of every message are read by nobody here.
  'grpc.enable_channelz': 0,
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

/** The xDS server: ADS and the streams of single types, both protocols. */
export function createAdsServer(options: AdsServerOptions): AdsServer {
  const { snapshots, clock, log, observer } = options;
  const limits = { ...defaultStreamLimits, ...options.limits };
  const connections = new Set<Connection>();
  const server = new Server(transportOptions);
  const turns: Turns = createTurns(() => flights.isFull());
  const flights = createFlights(clock, turns.go);
  const repeated = createRepeated();
  let isStopping = false;
  let hasSnapshot = false;

  const isReady = options.isReady ?? (() => hasSnapshot);
  function snapshotOf(group: string, node: string): Snapshot | undefined {
    const snapshot = snapshots.get(group, node);
    if (snapshot) hasSnapshot = true;
    return snapshot;
  }

  for (const { definition, methods } of xdsServices()) {
    const handlers = Object.entries(methods).map(([name, method]) => [
      name,
      (call: XdsCall): void => {
        const connection = createConnection({
          call,
          method,
          clock,
          log,
          observer,
          limits,
          flights,
          turns,
          repeated,
          snapshotOf,
          reasonFor: (group) => (isReady() ? `group ${group} does not exist` : 'waiting for sources'),
          onClosed: (closed) => connections.delete(closed),
        });
        connections.add(connection);
        if (isStopping) connection.end('the server is stopping');
      },
    ]);
    server.addService(definition, Object.fromEntries(handlers));
  }
  const clientStatus = createClientStatus(() => connections, log);
  server.addService(...clientStatus.service);
  const unsubscribe = snapshots.subscribe((snapshot, change, isFor) => {
    hasSnapshot = true;
    const publishedAt = clock.now();
    for (const connection of connections) {
      const node = connection.node();
      if (node?.group === snapshot.group && isFor(node.id)) connection.replaced(snapshot, change, publishedAt);
    }
  });

  return {
    async listen(address) {
      const wanted = parseAddress(address);
      if (!wanted) throw new Error(`the xDS address ${address} is not HOST:PORT`);
      if (!isLoopback(wanted.host) && !options.insecure) {
        throw new Error(
          `refusing to listen for xDS on ${address} in plain text: whoever reaches it gets the private keys of all certificates. Use a loopback address, or --insecure on a network that nobody else is in.`,
        );
      }
      const port = await bind(server, formatAddress(wanted));
      return formatAddress({ host: wanted.host, port });
    },
    async stop(graceMs) {
      isStopping = true;
      unsubscribe();
      for (const connection of [...connections]) connection.end('the server is stopping');
      clientStatus.end('the server is stopping');
      await shutDown(server, clock, graceMs);
    },
    nodes: () => [...connections].filter((connection) => connection.node() !== undefined).map((connection) => connection.status()),
  };
}

function bind(server: Server, address: string): Promise<number> {
  // The library writes its own lines to the standard error; what matters comes as an error or on our log.
  setLogVerbosity(logVerbosity.NONE);
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(new Error(`cannot listen for xDS on ${address}: ${error.message}`, { cause: error }));
      else resolve(port);
    });
  });
}

function shutDown(server: Server, clock: Clock, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(graceMs, () => {
      server.forceShutdown();
      resolve();
    });
    server.tryShutdown(() => {
      cancel();
      resolve();
    });
  });
}
