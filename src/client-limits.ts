/**
 * What clients may take of the server. None of it is near to what a healthy fleet needs, also where all of it comes back at
 * once from behind one address; what goes over is refused with a gRPC status that names the limit.
 */
export interface ClientLimits {
  /** Open connections, in all and from one address. More are closed unheard. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** How long a connection may take for the TLS handshake, and stand without a stream. */
  readonly handshakeMs: number;
  readonly idleConnectionMs: number;
  /** How often the server asks whether the other end of a connection is still there, and how long it may take to answer. */
  readonly keepaliveMs: number;
  readonly keepaliveAnswerMs: number;
  /** Open streams, in all, from one address, and on one connection. HTTP/2 tells the client the last, so that it opens another connection. */
  readonly streams: number;
  readonly streamsPerAddress: number;
  readonly streamsPerConnection: number;
  /** How long a stream may stand without a first request. */
  readonly firstRequestMs: number;
  /** Size of a request. A delta client that reconnects tells the versions of all that it has in one. */
  readonly requestBytes: number;
  /**
   * Size of all requests together of which a part has come. One that needs more than half of it has a place beside it, one at a
   * time. One connection has at most `requestBytes`. Clients that find no room wait, so many at once, and each may have sent 64 KiB.
   */
  readonly unfinishedBytes: number;
  readonly unfinishedWaiting: number;
  /** How long a request may wait for room, and then take to come. */
  readonly requestMs: number;
  /**
   * Requests of one stream that no answer asked for: a burst, and how many a second are added to what is left of it. An ACK or
   * NACK for each answer is free.
   */
  readonly requestBurst: number;
  readonly requestsPerSecond: number;
  /** Names that a stream may ask for of one type. */
  readonly names: number;
  /** Characters of a name, a version, a node id, a group. */
  readonly nameCharacters: number;
  /** The shortest time between two load reports of an Envoy. Many Envoys with many clusters are asked less often. */
  readonly loadReportMs: number;
}

/** What holds where nothing else is said. */
export const defaultClientLimits: ClientLimits = {
  connections: 20_000,
  connectionsPerAddress: 10_000,
  handshakeMs: 10_000,
  idleConnectionMs: 60_000,
  keepaliveMs: 20_000,
  keepaliveAnswerMs: 10_000,
  streams: 20_000,
  streamsPerAddress: 10_000,
  streamsPerConnection: 100,
  firstRequestMs: 30_000,
  requestBytes: 64 * 1024 * 1024,
  unfinishedBytes: 16 * 1024 * 1024,
  unfinishedWaiting: 4_000,
  requestMs: 30_000,
  requestBurst: 2_000,
  requestsPerSecond: 100,
  names: 100_000,
  nameCharacters: 1_024,
  loadReportMs: 10_000,
};
