import type { Origin } from '../diagnostic.ts';

/** A request that somebody wonders about. */
export interface ExplainRequest {
  readonly method: string;
  /** `http://HOST[:PORT]/PATH?QUERY` or `https://…`, as a client would write it. The port may be the written or the bound one. */
  readonly url: string;
  /** Names in any case, in the order of sending. A `host` header overrides the host of the URL, but not the server name of TLS. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Address of the client. Undefined: the peer, or nothing is said of the client. */
  readonly clientIp?: string;
  /** Address that connects, where that is not the client: a load balancer or a proxy, which names the client in the way that the listener understands. */
  readonly peer?: string;
}

/** The way of one request through a group's Envoys, step by step; it ends where the request ends. */
export interface Explanation {
  readonly group: string;
  /** Whether it is what was stored that is served, since a source stays away: of routes nobody knows the origins then. Undefined: it is not. */
  readonly isStored?: true;
  readonly request: SeenRequest;
  /** Undefined: no listener has the port and scheme. */
  readonly listener?: ListenerStep;
  /** Who Envoy takes for the client; undefined where the question did not say who connects. */
  readonly client?: ClientStep;
  /** Undefined: no virtual host has the host. */
  readonly virtualHost?: VirtualHostStep;
  /** Undefined: no route of the virtual host fits. */
  readonly route?: RouteStep;
  /** HTTP filters in the order of the chain. Empty where no listener was found. */
  readonly filters: readonly FilterStep[];
  readonly outcome: Outcome;
  /** For a 404 of Envoy: the routes that fit best, at most three, the best first. Empty otherwise. */
  readonly nearMisses: readonly NearMiss[];
}

/** The request as routes see it. */
export interface SeenRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** The Host header. */
  readonly host: string;
  readonly port: number;
  /** After normalisation, without the query. */
  readonly path: string;
  /** Without `?`; undefined: none. */
  readonly query?: string;
  /** What was asked for before normalisation, where that differs. */
  readonly writtenPath?: string;
  /** Whatever Envoy itself answers to a gRPC request comes with HTTP status 200, and a `grpc-status` made from the one told here. */
  readonly isGrpc: boolean;
  /** Names of headers that Envoy drops since they hold an underscore. */
  readonly droppedHeaders: readonly string[];
}

export interface ListenerStep {
  readonly name: string;
  readonly address: string;
  /** As Envoy binds it. */
  readonly port: number;
  readonly writtenPort: number;
  readonly filterChain: string;
  /** Names of the certificates that the chain has; empty for plain text. */
  readonly certificates: readonly string[];
  readonly origins: readonly Origin[];
}

export interface ClientStep {
  /** The one that counts for lists, limits, hashes and logs. */
  readonly address: string;
  readonly by: 'peer' | 'proxy-protocol' | 'x-forwarded-for';
  /** What is read in the place of X-Forwarded-For, in lower case. Undefined: nothing is. */
  readonly header?: string;
  /** Who connects, where that is not the client. */
  readonly peer?: string;
  /** The client that was asked about, which Envoy does not learn of. Undefined: it does. */
  readonly overlooked?: string;
}

interface VirtualHostStep {
  readonly routeConfiguration: string;
  readonly name: string;
  /** The one of its domains that fits. */
  readonly domain: string;
  readonly origins: readonly Origin[];
}

interface RouteStep {
  readonly name: string;
  /** How many routes of the virtual host were tried before. */
  readonly triedBefore: number;
  /** All conditions, as a person reads them: `path prefix /shop`, `header x-tester = yes`. */
  readonly conditions: readonly string[];
  readonly origins: readonly Origin[];
}

export interface FilterStep {
  readonly name: string;
  /** `route`: off in the listener, switched on by the route. */
  readonly state: 'on' | 'off' | 'route';
}

export type Outcome = ForwardOutcome | RedirectOutcome | AnswerOutcome | RefusedOutcome;

/** The request goes to one of some clusters. */
export interface ForwardOutcome {
  readonly type: 'forward';
  readonly shares: readonly Share[];
  /** What keeps a user on one of them. Undefined: each request is drawn by itself. */
  readonly sticky?: StickyStep;
  /** Path and query that the backend sees, where they differ from those asked for. */
  readonly newPath?: string;
  /** Host header that the backend sees, where it differs. */
  readonly newHost?: string;
  /** What the route does to headers. Undefined: nothing. */
  readonly headers?: readonly HeaderChange[];
  /** Headers by which the backend learns who asks and for what. Undefined: the question does not say who connects. */
  readonly told?: readonly { readonly name: string; readonly value: string }[];
  /** Clusters that get a copy of `percent` of the requests. */
  readonly mirrors: readonly { readonly cluster: string; readonly percent: number }[];
  /** Whole request including retries; 0: no limit. */
  readonly timeoutMs: number;
  /** Whether a gRPC call ends at the deadline that its caller says, where that is sooner. */
  readonly endsAtDeadline: boolean;
  /** Silence after which the stream is ended; 0: no limit. */
  readonly streamIdleMs: number;
  /** Silence of a backend after which a try is ended. Undefined: no limit of its own. */
  readonly perTryIdleMs?: number;
  /** Undefined: no retries. */
  readonly retry?: {
    readonly on: readonly string[];
    /** Failures after which only GET, HEAD, OPTIONS, PUT and DELETE are tried again. Undefined: none. */
    readonly onIdempotent?: readonly string[];
    readonly count: number;
    readonly perTryTimeoutMs?: number;
  };
  /** Retries, time-outs and what keeps users together, with where each was written. Empty for what was stored: then nobody knows. */
  readonly settings: readonly Setting[];
}

/** What decides in a split that is sticky. */
export interface StickyStep {
  /** `cookie NAME`, `header NAME` or `client address`. */
  readonly by: string;
  /** What the request has of that; several values of a header are joined. Undefined: nothing, or the question does not say it; it is drawn. */
  readonly value?: string;
  /** The place that the value has among those that the clusters share, from 0, and whose it is. Undefined where it is drawn. */
  readonly place?: { readonly place: number; readonly of: number; readonly cluster: string };
}

/** One value in force, and where it comes from. */
export interface Setting {
  /** Path of the field below `spec` of a TrafficPolicy, for a cluster of a BackendPolicy: `retries.count`. */
  readonly field: string;
  /** As a policy would say it; `off` for what is not there. */
  readonly value: string | number | boolean | readonly string[];
  readonly from: 'default' | 'written';
  /** Undefined for a default. */
  readonly origin?: Origin;
}

/** One thing that is done to a header of the request on its way, or of the response on its way back. */
export interface HeaderChange {
  readonly of: 'request' | 'response';
  /** `set` replaces what is there, `add` stands beside it. */
  readonly does: 'set' | 'add' | 'remove';
  readonly name: string;
  /** Undefined where it is removed. */
  readonly value?: string;
}

/** One cluster of a split. */
export interface Share {
  readonly cluster: string;
  /** Of all requests of the route, 0 to 100. */
  readonly percent: number;
  /** Host header towards this share only. */
  readonly newHost?: string;
  /** What is done to headers for this share only. Undefined: nothing. */
  readonly headers?: readonly HeaderChange[];
  /**
   * `unresolved`: answered with 500 since its reference leads to nothing; `missing`: answered with 500 since the cluster is not served;
   * `idle`: gets nothing since none of its endpoints is ready, and others have some.
   */
  readonly state: 'served' | 'unresolved' | 'missing' | 'idle';
  /** Of an idle one: what it has as soon as one of its endpoints is ready, 0 to 100. */
  readonly writtenPercent?: number;
  readonly endpoints: readonly EndpointStep[];
  /** How requests reach its endpoints, and where that was written. Empty for a cluster that is not served, and for what was stored. */
  readonly settings: readonly Setting[];
  /** Of the share, then of the cluster. */
  readonly origins: readonly Origin[];
}

export interface EndpointStep {
  /** `ADDRESS:PORT`, or `NAME:PORT` where Envoy resolves the name itself. */
  readonly address: string;
  readonly health: 'healthy' | 'draining' | 'unhealthy';
  readonly weight: number;
  readonly zone?: string;
}

interface RedirectOutcome {
  readonly type: 'redirect';
  readonly status: number;
  readonly location: string;
}

/** Envoy answers by itself: a fixed answer of the route, or 404 where nothing fits. */
interface AnswerOutcome {
  readonly type: 'answer';
  readonly status: number;
  readonly body?: string;
  readonly reason: 'route' | 'no virtual host' | 'no route';
}

/** There is no HTTP answer of Envoy: nobody listens, the connection is closed, or goes on as it comes. */
interface RefusedOutcome {
  readonly type: 'refused';
  /** A sentence. */
  readonly reason: string;
}

/** A route that does not fit, and why. */
export interface NearMiss {
  readonly virtualHost: string;
  readonly route: string;
  readonly failures: readonly Failure[];
  readonly origins: readonly Origin[];
}

/** One condition that does not hold. */
export interface Failure {
  readonly part: 'host' | 'path' | 'method' | 'header' | 'query' | 'grpc' | 'certificate';
  /** `path prefix /shop`, `header x-tester = yes`. */
  readonly wanted: string;
  /** What the request has instead; undefined: nothing. */
  readonly got?: string;
}
