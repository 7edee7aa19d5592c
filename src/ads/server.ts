import { randomInt } from 'node:crypto';
import { logVerbosity, Server, setLogVerbosity } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { isLoopback, parseAddress } from '../address.ts';
import { type ClientLimits, defaultClientLimits } from '../client-limits.ts';
import type { Clock } from '../clock.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { type ClientLedger, createClientLedger } from '../load/client-ledger.ts';
import { createLatencyLedger, type LatencyLedger } from '../load/latency-ledger.ts';
import { createLoadLedger, type LoadLedger } from '../load/ledger.ts';
import type { ResourceType, Snapshot } from '../resource.ts';
import type { Snapshots } from '../revision/snapshots.ts';
import type { KeyFiles } from '../tls/key-files.ts';
import { defaultTrustDomain } from '../trust-domain.ts';
import { type Access, accessOf } from './access.ts';
import { createClientStatus } from './client-status/client-status.ts';
import { type Connection, createConnection, type XdsCall } from './connection.ts';
import { createFeed } from './feed.ts';
import { createFlights } from './flights.ts';
import { createGate } from './limit/gate.ts';
import { type Listening, listen } from './listen.ts';
import { createRepeated } from './message/repeated.ts';
import { createRefusals, type ToldRefusal } from './refusal/refusals.ts';
import { clientReports } from './report/client-reports.ts';
import { latencyReports } from './report/latency-reports.ts';
import { createLoadReports } from './report/load-reports.ts';
import { xdsServices } from './services.ts';
import type { SnapshotEvent } from './stream/event.ts';
import type { Acknowledged } from './stream/holdings.ts';
import type { AdsObserver, NodeStatus } from './stream/status.ts';
import { defaultStreamLimits, type StreamLimits } from './stream/stream-state.ts';
import { createTurns, type Turns } from './turns.ts';

export interface AdsServerOptions {
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer: AdsObserver;
  /** TLS. Undefined: plain text. With authorities of clients, a client may ask only for the groups that its certificate names. */
  readonly keyFiles?: KeyFiles;
  /** Trust domain of these names: `spiffe://TRUST-DOMAIN/group/GROUP`. Undefined: `sluice`. */
  readonly trustDomain?: string;
  /** Listen on addresses that others can reach though clients need no certificate; by default that is refused. */
  readonly insecure?: boolean;
  /** Whether every source has listed, for the reason that a waiting stream shows. Undefined: since the first snapshot of any group. */
  readonly isReady?: () => boolean;
  /** When the source heard of what is being published at this moment, by `clock.steady`. Undefined: it is measured from publishing. */
  readonly eventAt?: () => number | undefined;
  /** Times that differ from `defaultStreamLimits`. */
  readonly limits?: Partial<StreamLimits>;
  /** What differs from `defaultClientLimits`. */
  readonly clientLimits?: Partial<ClientLimits>;
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
  /** What is there of requests that are not whole yet, and how many clients wait until they may send theirs. */
  unfinished(): { readonly bytes: number; readonly waiting: number };
  /** By which rules clients get in. */
  access(): Access;
  /** What is wrong with the files of TLS. */
  diagnostics(): readonly Diagnostic[];
  /** What Envoys refuse of what they shall have now, each once for a version of Envoy. */
  refusals(): readonly ToldRefusal[];
  /** What each Envoy of a group has acknowledged, one entry a stream. */
  holders(group: string): readonly Holder[];
  /** What Envoys report of their requests. */
  readonly load: LoadLedger;
  /** And how long these took. */
  readonly latency: LatencyLedger;
  /** And who the clients of a sample of them are. */
  readonly clients: ClientLedger;
}

/** An Envoy, as far as it is asked what it has. */
interface Holder {
  /** `node.id`. */
  readonly id: string;
  acknowledged(type: ResourceType): readonly Acknowledged[];
  mayHave(type: ResourceType, name: string): boolean;
}

const transportOptions = ({ requestBytes, idleConnectionMs, keepaliveMs, keepaliveAnswerMs, streamsPerConnection }: ClientLimits) => ({
  'grpc.max_receive_message_length': requestBytes,
  'grpc.max_send_message_length': -1,
  // Its statistics of every message are read by nobody here.
  'grpc.enable_channelz': 0,
  'grpc.max_connection_idle_ms': idleConnectionMs,
  'grpc.max_concurrent_streams': streamsPerConnection,
  'grpc.keepalive_time_ms': keepaliveMs,
  'grpc.keepalive_timeout_ms': keepaliveAnswerMs,
});

/** The xDS server: ADS and the streams of single types, both protocols. */
export function createAdsServer(options: AdsServerOptions): AdsServer {
  const { snapshots, clock, log, observer, keyFiles } = options;
  const clientLimits = { ...defaultClientLimits, ...options.clientLimits };
  const limits = { ...defaultStreamLimits, names: clientLimits.names, ...options.limits };
  const trustDomain = options.trustDomain ?? defaultTrustDomain;
  const gate = createGate({ limits: clientLimits, trustDomain, clock, log, observer });
  const connections = new Set<Connection>();
  const server = new Server(transportOptions(clientLimits));
  const turns: Turns = createTurns(() => flights.isFull());
  const flights = createFlights(clock, limits.replyMs, turns.go);
  const feed = createFeed();
  const repeated = createRepeated(randomInt(2 ** 32));
  const refusals = createRefusals();
  let listening: Listening | undefined;
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
        const entrance = gate.enter(call);
        if (!entrance) return;
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
          refusals,
          entrance,
          feed: feed.reader(),
          firstRequestMs: clientLimits.firstRequestMs,
          snapshotOf,
          reasonFor: (group) => (isReady() ? `group ${group} does not exist` : 'waiting for sources'),
          onClosed(closed) {
            connections.delete(closed);
            entrance.leave();
          },
        });
        connections.add(connection);
        if (isStopping) connection.end('the server is stopping');
      },
    ]);
    server.addService(definition, Object.fromEntries(handlers));
  }
  const clientStatus = createClientStatus({ streams: () => connections, trustDomain, clock, log });
  server.addService(...clientStatus.service);
  const clustersOf = (group: string, node: string) => snapshots.get(group, node)?.resources.clusters;
  const load = createLoadLedger();
  const loadReports = createLoadReports({
    ledger: load,
    gate,
    clock,
    log,
    limits: clientLimits,
    clustersOf,
  });
  server.addService(...loadReports.service);
  const latency = createLatencyLedger();
  server.addService(...latencyReports({ ledger: latency, gate, clock, limits: clientLimits, clustersOf }));
  const clients = createClientLedger();
  const versionOf = (group: string, node: string, listener: string) => snapshots.get(group, node)?.resources.listeners.get(listener)?.version;
  server.addService(...clientReports({ ledger: clients, gate, clock, limits: clientLimits, versionOf }));
  const unsubscribe = snapshots.subscribe((snapshot, change, isFor) => {
    hasSnapshot = true;
    const event: SnapshotEvent = { type: 'snapshot', snapshot, change, publishedAt: options.eventAt?.() ?? clock.steady() };
    refusals.replaced(snapshot);
    feed.publish({ event, isFor });
    if (change.endpoints) turns.addUrgent(endpointsOf(connections));
    if (Object.keys(change).some((type) => type !== 'endpoints')) for (const { askForTurn } of connections) askForTurn();
  });

  return {
    async listen(address) {
      const wanted = parseAddress(address);
      if (!wanted) throw new Error(`the xDS address ${address} is not HOST:PORT`);
      if (!isLoopback(wanted.host) && !keyFiles?.current().clientAuthorities && !options.insecure) {
        throw new Error(
          `refusing to listen for xDS on ${address} without certificates of clients: whoever reaches it gets the private keys of all certificates. Give --tls-cert, --tls-key and --tls-client-ca, use a loopback address, or say --insecure on a network that nobody else is in.`,
        );
      }
      // The library writes its own lines to the standard error; what matters comes as an error or on our log.
      setLogVerbosity(logVerbosity.NONE);
      const onRefused = (reason: 'handshake' | 'limit'): void => observer.connectionRefused(reason);
      const { isCrowded } = gate;
      listening = await listen(server, { address: wanted, limits: clientLimits, clock, log, isCrowded, onRefused, ...(keyFiles ? { keyFiles } : {}) });
      return listening.address;
    },
    async stop(graceMs) {
      isStopping = true;
      listening?.close();
      unsubscribe();
      for (const connection of [...connections]) connection.end('the server is stopping');
      clientStatus.end('the server is stopping');
      loadReports.end('the server is stopping');
      await Promise.all([shutDown(server, clock, graceMs), listening?.emptied(graceMs)]);
    },
    nodes: () => [...connections].filter((connection) => connection.node() !== undefined).map((connection) => connection.status()),
    unfinished: gate.unfinished,
    access: () => accessOf(keyFiles, trustDomain, clientLimits),
    refusals: refusals.list,
    holders: (group) => [...connections].flatMap((connection) => holderOf(connection, group)),
    load,
    latency,
    clients,
    diagnostics: () => keyFiles?.diagnostics() ?? [],
  };
}

function holderOf({ node, acknowledged, mayHave }: Connection, group: string): readonly Holder[] {
  const named = node();
  return named?.group === group ? [{ id: named.id, acknowledged, mayHave }] : [];
}

/** What is to be done for each stream where endpoints changed; such as end meanwhile are left out. */
function* endpointsOf(connections: Iterable<Connection>): Iterable<() => void> {
  for (const { sendEndpoints } of connections) yield sendEndpoints;
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
