import type { Origin } from '../diagnostic.ts';
import type { Backend } from './backend.ts';
import type { RouteConfiguration } from './route.ts';
import type { Secret } from './secret.ts';

/** Everything that one group of Envoys is given, but for its endpoints: these have a lane of their own (`EndpointSet`). */
export interface Group {
  /** `node.cluster` of the Envoys: `default`, a name from a GatewayConfig, `gateway/NAMESPACE/NAME`, `sidecar/NAMESPACE/SERVICE`, for gRPC clients see `grpcGroupParts`. */
  readonly name: string;
  readonly listeners: readonly Listener[];
  /** Ports whose bytes go on as they come. Undefined: none. */
  readonly streams?: readonly StreamListener[];
  /** What the gRPC clients of the group may dial; they have no listeners. Undefined: a group of Envoys. */
  readonly dialNames?: readonly DialName[];
  readonly routeConfigurations: readonly RouteConfiguration[];
  /** Every backend that a route of the group may choose; each becomes one cluster. */
  readonly backends: readonly Backend[];
  /** The secrets that listeners and backends of the group refer to, and no others. */
  readonly secrets: readonly Secret[];
}

/** A name that gRPC clients which speak xDS themselves dial, as `xds:///NAME`: what a listener is to an Envoy. */
export interface DialName {
  /** `SERVICE`, `SERVICE.NAMESPACE:PORT` and the like. */
  readonly name: string;
  /** Name of the route configuration; shared by all names of a Service's port. */
  readonly routeConfiguration: string;
  readonly origins: readonly Origin[];
}

/** A bound port whose connections, or datagrams, go to a backend as they come. */
export interface StreamListener {
  /** `GROUP/tcp/PORT`, `GROUP/udp/PORT`. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  /** `Backend.name`. */
  readonly cluster: string;
  /** Connections begin with a PROXY header, v1 or v2. */
  readonly readsProxyHeader: boolean;
  /** How many endpoints are tried where a connection cannot be made, and after what silence it is ended. */
  readonly tries: number;
  readonly idleMs: number;
  /** Of UDP: each datagram of a client goes to the endpoint that is next. Undefined: all of a session go to one. */
  readonly balancesDatagrams?: true;
  /** Undefined: no access log. */
  readonly accessLog?: AccessLog;
  readonly origins: readonly Origin[];
}

/** One bound address and port. */
export interface Listener {
  /** Identity, stable while the port stays: see `listenerName`. */
  readonly name: string;
  /** `0.0.0.0` for gateways (dual stack `::` where the setting says so), from the Sidecar object for sidecars. */
  readonly address: string;
  /** Further addresses that it is bound on. Undefined: none. */
  readonly moreAddresses?: readonly string[];
  /** The port that Envoy binds. */
  readonly port: number;
  /** The port that people write and that redirects and X-Forwarded-Port speak of; differs from `port` for 80 and 443. */
  readonly writtenPort: number;
  /** One without server names for plain HTTP; for HTTPS one for each certificate and set of names. Never empty. */
  readonly filterChains: readonly FilterChain[];
  /** Who the client is. */
  readonly clientAddress: ClientAddress;
  /** Whether requests without an id (X-Request-ID) get one. */
  readonly makesRequestIds: boolean;
  /** Whether headers of requests with `_` in their names are passed on; else they are dropped. */
  readonly allowsUnderscores: boolean;
  /** A `%2F` in a path stays as it is. Undefined: it becomes a slash. */
  readonly keepsEscapedSlashes?: true;
  /**
   * Headers that every answer has, also what Envoy says itself, and those that no answer of a backend has. `ifAbsent`: unless the backend says it;
   * `isFormat`: the value may hold Envoy's command operators, and `%%` stands for a percent sign.
   */
  readonly answerHeaders: {
    readonly set: readonly { readonly name: string; readonly value: string; readonly ifAbsent?: true; readonly isFormat?: true }[];
    readonly remove: readonly string[];
  };
  /** How answers are made smaller for clients that understand it; of several the first that a client does. */
  readonly compressions: readonly Compression[];
  /** What connections of clients may do. Undefined: what Sluice lets any client do. */
  readonly clientLimits?: ClientLimits;
  /** Undefined: no access log. */
  readonly accessLog?: AccessLog;
  /** Share of the requests of which Envoys tell Sluice the client's address, above 0, up to 100 percent. Undefined: none. */
  readonly clientSamplePercent?: number;
  /** Where clients come from is looked up, for routes that tell backends, and the access log (`placesPlace`). Undefined: it is not. */
  readonly places?: PlaceDatabases;
  /** Spans of the requests whose routes ask for one (`Route.span`). Undefined: none has one, and nothing of it is there. */
  readonly tracing?: Tracing;
  /** `inbound` marks the traffic direction of a sidecar's listener to its application. */
  readonly direction: 'gateway' | 'inbound' | 'outbound';
  readonly origins: readonly Origin[];
}

/** What happens to connections that ask for one of the server names. */
export interface FilterChain {
  /** Identity within the listener: the name of its first server name, or `default`. */
  readonly name: string;
  /** SNI: exact names or `*.example.com`; empty: every connection that no other chain takes. */
  readonly serverNames: readonly string[];
  /** Undefined: plain text, unless `passesTo` says something else. */
  readonly tls?: DownstreamTls;
  /** `Backend.name`: TLS goes there as it comes, and no route sees what is in it. Undefined: it ends here. */
  readonly passesTo?: string;
  /** Name of the route configuration; shared by all chains of a listener. */
  readonly routeConfiguration: string;
  readonly origins: readonly Origin[];
}

/** TLS that Envoy terminates. */
export interface DownstreamTls {
  /** Names of secrets of the type `certificate`, at least one. */
  readonly certificates: readonly string[];
  /** `1.2` unless an option says otherwise. */
  readonly minimumVersion: TlsVersion;
  /** Undefined: 1.3. */
  readonly maximumVersion?: TlsVersion;
  /** Of TLS 1.2 and before, in BoringSSL's names, in order of preference. Undefined: those of Envoy. */
  readonly ciphers?: readonly string[];
  /** Whether the client's order of ciphers goes before the server's. */
  readonly prefersClientCiphers?: true;
  /** Groups of the key exchange, in order of preference. Undefined: those of Envoy. */
  readonly curves?: readonly string[];
  /** Sessions are not taken up again by tickets. */
  readonly refusesTickets?: true;
  /** Name of a secret of the type `ticketKeys`, which nothing asks for where tickets are refused. Undefined: each Envoy makes keys of its own. */
  readonly ticketKeys?: string;
  /** How long sessions can be taken up again. Undefined: as BoringSSL has it, two hours. */
  readonly sessionSeconds?: number;
  /** In order of preference. */
  readonly alpn: readonly string[];
  /**
   * Clients are asked for a certificate, and let in with any or without one: routes ask what came of it. Undefined: they are not asked.
   * `authority`: name of an `authority` secret; `verifyDepth`: how many authorities may stand between.
   */
  readonly clients?: { readonly authority: string; readonly verifyDepth: number };
}

/** A version of TLS. */
export type TlsVersion = '1.0' | '1.1' | '1.2' | '1.3';

/** Who the client is: the peer of the connection, or what a trusted hop in front says. */
export type ClientAddress =
  | { readonly mode: 'Peer' }
  | ForwardedClient
  /** Whom the PROXY header names; `optional` lets connections without one in as well. */
  | ({ readonly mode: 'ProxyProtocol'; readonly optional: boolean } & ProxyHeader);

/** What connections begin with: PROXY protocol v1 or v2. */
export interface ProxyHeader {
  /** Networks that connections may come from; others are closed. Undefined: from anywhere. */
  readonly peers?: readonly string[];
  /** How long the header, and the hello of TLS behind it, may take; above 0. Undefined: 15 s. */
  readonly headerTimeoutMs?: number;
}

/** The header is read from the right while its addresses are in the trusted ranges, if the peer is (nginx `set_real_ip_from` + recursive). */
interface ForwardedClient {
  readonly mode: 'XForwardedFor';
  readonly trustedCidrs: readonly string[];
  /** What is read in the place of X-Forwarded-For, in lower case. Undefined: X-Forwarded-For itself. */
  readonly header?: string;
  /** Whether X-Forwarded-Proto and -Port are believed, whoever sends them; else they say how the peer came. */
  readonly believesOthers: boolean;
  /** The peer is whom this names. Undefined: whoever connects. */
  readonly proxyHeader?: ProxyHeader;
}

/** Limits of connections of clients; what is undefined is as Sluice has it for any client. */
export interface ClientLimits {
  /** Silence between two requests after which a connection is closed; above 0. */
  readonly idleMs?: number;
  /** Requests after which a connection is closed, from 1. */
  readonly maxRequests?: number;
  /** How long the head of a request may take, then it is answered with 408; above 0. */
  readonly headersMs?: number;
  /** Requests of a connection of HTTP/2 at once, from 1. */
  readonly maxStreams?: number;
  /** Size of the head of a request, 1 to 8192 KiB; one that is larger is answered with 400, as nginx does. */
  readonly maxHeadersKib?: number;
}

/** A way to make answers smaller. */
export interface Compression {
  readonly type: 'gzip' | 'brotli';
  /** From 1 to 9 for gzip, from 0 to 11 for brotli: smaller, and slower. */
  readonly level: number;
  /** Answers that say to be shorter stay as they are. */
  readonly minimumBytes: number;
  readonly contentTypes: readonly string[];
}

/** Access log on the standard output of Envoy. */
export interface AccessLog {
  readonly format: 'json' | 'text' | LogFormat;
  /** Share of the requests that are written, 0 to 100; unless it is 0, those answered by 500 or more always are. */
  readonly samplePercent: number;
  /** RE2 that must match the whole path with its query, as it was before rewrites: such requests are not written. Undefined: none. */
  readonly skippedPaths?: string;
  /** What a second line says of a request about which a service was asked; it may say what `approvalPlace` has. Undefined: there is none. */
  readonly questions?: LogFormat;
  /** Requests for host names that nobody has are not written either. */
  readonly skipsUnknownHosts?: true;
}

/** Databases of MaxMind, by their paths on the machines of Envoys, which end in `.mmdb`. At least one. */
export interface PlaceDatabases {
  /** Countries, regions and cities. */
  readonly cityDatabase?: string;
  /** Numbers of autonomous systems. */
  readonly asnDatabase?: string;
}

/** Where spans go, and which requests have one. */
export interface Tracing {
  /** `Backend.name` of the collector; it takes OTLP by gRPC. */
  readonly collector: string;
  /** What it is called in requests, `HOST:PORT`; servers refuse the name of a cluster. */
  readonly authority: string;
  /** What the collector knows the gateway by: the attribute `service.name`. */
  readonly serviceName: string;
  readonly sampling: Sampling;
  /** Whether a request's span may have a parent; else its context, `traceparent` and `tracestate`, is taken away before anything sees it. */
  readonly trustsClients: boolean;
  /** Spans of a thread that wait to be sent, from 1; what comes on top is lost. */
  readonly maxWaiting: number;
}

/** Which requests are recorded. */
export interface Sampling {
  /** Of those without a parent, 0 to 1. */
  readonly share: number;
  /** Whether for others it is as the parent says. */
  readonly followsParent: boolean;
}

/** What a log says: texts may hold Envoy's command operators, `%%` stands for a percent sign. */
export type LogFormat =
  | { readonly line: string /** Whether what is absent is written as nothing; else as `-`. */; readonly omitsAbsent: boolean }
  /** A JSON object a line; what is absent is an empty text, or `null` for a number. */
  | { readonly object: Readonly<Record<string, unknown>> };
