import type { Origin } from '../diagnostic.ts';
import type { HashInput } from './backend.ts';
import type { Sampling } from './gateway.ts';
import type { WrittenAt } from './written-at.ts';

/** All virtual hosts of one port of a group. */
export interface RouteConfiguration {
  /** `GROUP/PORT`, PORT as written. */
  readonly name: string;
  /** A host stands in one virtual host only. */
  readonly virtualHosts: readonly VirtualHost[];
}

/** The routes of one host name. */
export interface VirtualHost {
  /** Identity: the host as written, `*` for every host. */
  readonly name: string;
  /** Host names that belong here: exact, `*.suffix` or `*`; with `:port` forms where these must match too. */
  readonly domains: readonly string[];
  /** In the order in which Envoy tries them: the first match wins. */
  readonly routes: readonly Route[];
  readonly origins: readonly Origin[];
}

/** One match and what happens to the requests that fit. */
export interface Route {
  /** Identity: the rule and its match, never a position. Within a route configuration the same name means the same route, which may stand in several virtual hosts. */
  readonly name: string;
  readonly match: RouteMatch;
  readonly action: RouteAction;
  readonly requestHeaders?: HeaderChanges;
  readonly responseHeaders?: HeaderChanges;
  /** The backend is told how the client came as ingress-nginx tells it. Undefined: as Envoy does. */
  readonly forwarded?: ForwardedHeaders;
  /** The backend is told of the client's certificate, as ingress-nginx tells it. Undefined: it is not; what the client says of one is passed on. */
  readonly clientCertificate?: { readonly verify: 'SUCCESS' | 'NONE' | 'FAILED' | undefined; readonly passesCertificate: boolean };
  readonly cors?: Cors;
  /** Places that answers of the backend name and that clients see as others. Undefined: none. */
  readonly answerPlaces?: AnswerPlaces;
  /** Value of Strict-Transport-Security, which answers have. Undefined: none of ours. */
  readonly strictTransport?: string;
  /** Headers of requests are dropped whose names have anything but letters, digits, `-` and `_`, also for all other routes of a virtual host. Undefined: they are passed on. */
  readonly dropsOddHeaders?: true;
  /** Headers of the backend that clients do not see; names in lower case. Undefined: they see all. */
  readonly hiddenHeaders?: readonly string[];
  /** Headers of every answer, also of those that Envoy gives itself: refusals, errors. They replace what the backend says. */
  readonly answerHeaders?: readonly AnswerHeader[];
  /** Who may ask; others get 403. Undefined: everybody. */
  readonly access?: Access;
  /** Clients that must say who they are, by a password. Undefined: nobody must. */
  readonly passwords?: Passwords;
  /** Answers that another service gives instead. Undefined: none. */
  readonly errorPages?: ErrorPages;
  /** A service that is asked whether a request may go on. Undefined: none is. */
  readonly approval?: Approval;
  /** Whether one of `passwords`, `approval` and the addresses of `access` is enough. Undefined: all must let a request on. */
  readonly isAnyEnough?: true;
  /** How often a client may ask; only where requests are forwarded. Undefined: as often as it likes. */
  readonly clientLimit?: ClientLimit;
  /** The backend gets a request when all of it is there; one with a larger body is answered with 413. Undefined: as it comes. */
  readonly buffering?: { readonly maxBytes: number };
  /** The requests are HTTP with JSON, and become gRPC calls. The routes of a virtual host have the same. */
  readonly transcoder?: Transcoder;
  /** `off`: its requests are not in the access log. Else words about the route that the log may say. Undefined: it says none. */
  readonly log?: 'off' | Readonly<Record<string, string>>;
  /** Its requests have spans, as the tracing of the listener says. Undefined: none, and the context that they come with goes on untouched. */
  readonly span?: RouteSpan;
  /** The rule, then the match, that it comes from. */
  readonly origins: readonly Origin[];
}

/** The span of a request, and the context that its backend gets for it. */
export interface RouteSpan {
  /** May hold Envoy's command operators; `%%` stands for a percent sign. */
  readonly name: string;
  /** That of the listener. */
  readonly sampling: Sampling;
  /** What the client says about recording does not count. */
  readonly distrustsClients?: true;
}

/** Text at the beginning of a place (of a domain: all of it), and what takes its stead. */
interface AnswerPlaces {
  readonly location?: { readonly from: string; readonly to: string };
  /** Of the URL in a Refresh header. */
  readonly refresh?: { readonly from: string; readonly to: string };
  readonly cookieDomain?: { readonly from: string; readonly to: string };
  readonly cookiePath?: { readonly from: string; readonly to: string };
}

/**
 * X-Forwarded-For and X-Real-IP are the one address of the client, X-Forwarded-Host, -Proto, -Scheme, -Port and X-Scheme say what it
 * asked for, X-Original-Forwarded-For and -Host what it said itself.
 */
export interface ForwardedHeaders {
  /** Whether its X-Forwarded-Host is the host name that backends see. */
  readonly believesHost: boolean;
  /** Whether X-Forwarded-For keeps what it said, with the address of the peer behind it. */
  readonly keepsForwardedFor: boolean;
  /** Whether X-Original-URI says what it asked for. */
  readonly addsUri: boolean;
  /** Further headers, names in lower case, in the place of what the client sends under these names; one without a value is taken away. */
  readonly others: readonly { readonly name: string; readonly value: RequestText }[];
}

/** Texts with parts of the request between. */
export type RequestText = readonly (string | RequestPart)[];

/** Something of a request: a header, `:authority`, `:method` and `:path` among them, or what is known of its connection. */
export type RequestPart =
  | { readonly header: string }
  | { readonly cookie: string }
  | { readonly parameter: string }
  /** Where the client comes from, on a listener that looks it up. */
  | { readonly place: 'country' | 'region' | 'city' | 'asn' }
  /** What a group of an expression takes of the path, from 1. */
  | { readonly group: number; readonly pattern: string }
  /** `host`: the one that is asked for, without its port; `path`: without the query, which `query` is. */
  | { readonly of: 'clientAddress' | 'clientPort' | 'host' | 'path' | 'peerAddress' | 'protocol' | 'query' | 'serverName' | 'tlsCipher' | 'tlsVersion' };

/** Answers that are replaced by those of a service, which is told of the request and of what failed. */
export interface ErrorPages {
  /** Names of clusters (`Backend.name`): the first that has an endpoint is asked. None: 404 with nothing takes their place. */
  readonly clusters: readonly string[];
  /** Those with one of these statuses; it is asked for `/` with the query of the request then. */
  readonly statuses: readonly number[];
  /** Whether those with such a status that the backend gives itself reach the client as they are. */
  readonly sparesBackend: boolean;
  /** Who answers requests without any endpoint to go to; it is asked for what the request asks for. Without a cluster they get 404. Undefined: nobody does. */
  readonly standIn?: { readonly cluster?: string };
  readonly namespace: string;
  readonly ingress: string;
  /** Of the backend that failed. */
  readonly service: string;
  readonly port: string;
}

/** All parts must fit. */
export interface RouteMatch {
  readonly path: PathMatch;
  /** Upper case as in HTTP; undefined: any. */
  readonly method?: string;
  readonly headers: readonly ValueMatch[];
  readonly query: readonly ValueMatch[];
  /** Only requests of gRPC or gRPC-Web, by their content type. */
  readonly grpc?: boolean;
  /** Only where the client showed no certificate, or one that was found good, or bad. Undefined: any. */
  readonly clientCertificate?: 'none' | 'good' | 'bad';
}

/** Which paths fit; without the query. */
export type PathMatch =
  | { readonly type: 'exact'; readonly value: string }
  /** Whole path elements: `/shop` fits `/shop` and `/shop/x`, not `/shopping`. Never ends in `/`; the root is `prefix` with `/`. */
  | { readonly type: 'pathPrefix'; readonly value: string }
  /** Characters: `/shop` fits `/shopping` too. */
  | { readonly type: 'prefix'; readonly value: string }
  /** RE2, must match the whole path. */
  | { readonly type: 'regex'; readonly value: string };

/** A condition on a header or a query parameter. `regex` must match the whole value; `above`, of headers only: a whole number larger than this. */
export interface ValueMatch {
  /** Header names in lower case. */
  readonly name: string;
  readonly type: 'exact' | 'regex' | 'present' | 'above';
  /** Undefined for `present`. */
  readonly value?: string;
}

/** What happens to the requests that fit. */
export type RouteAction = ForwardAction | RedirectAction | LocationAction | RespondAction;

/** The requests go to backends, by shares. */
export interface ForwardAction {
  readonly type: 'forward';
  /** The requests are gRPC calls: their deadlines hold, and what Envoy answers itself is a status of gRPC. */
  readonly grpc?: boolean;
  /** Calls of gRPC-Web become calls of gRPC, as a backend speaks HTTP/2. False or undefined: they pass as they are. */
  readonly grpcWeb?: boolean;
  /** At least one with a weight above 0. */
  readonly backends: readonly WeightedBackend[];
  readonly rewrite?: Rewrite;
  readonly mirrors: readonly Mirror[];
  readonly timeouts: RouteTimeouts;
  readonly retry?: Retry;
  /** Where retries, time-outs and what keeps users together are written. Undefined: nowhere. */
  readonly writtenAt?: WrittenAt;
  /**
   * Inputs of the hash where a backend balances by one (ring hash, Maglev), for gRPC clients, which look for them here; Envoy finds
   * them in the cluster. Empty otherwise.
   */
  readonly hashOn: readonly HashInput[];
  /** What tells users apart: those with equal values stay on one side of the split. Undefined: each request is drawn by itself. */
  readonly stickyOn?: HashInput;
  /** Requests of a session stay with one endpoint. Undefined: each request goes where the balancer sends it. */
  readonly session?: Session;
}

/** How a client is told which endpoint its session is on, and tells it back. `namespace`: the one whose key seals the address. */
export type Session =
  | { readonly type: 'cookie'; readonly name: string; readonly namespace: string; readonly attributes: CookieAttributes }
  /** Name in lower case. */
  | { readonly type: 'header'; readonly name: string; readonly namespace: string };

/** What a cookie says of itself, besides `HttpOnly`. */
interface CookieAttributes {
  /** Seconds from now, as `Expires`. */
  readonly expiresSeconds?: number;
  /** `Max-Age`; undefined, without `expiresSeconds`: until the browser is closed. */
  readonly maxAgeSeconds?: number;
  readonly domain?: string;
  readonly path: string;
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  /** `Secure` always, or where the client came by HTTPS. */
  readonly secure: 'always' | 'by HTTPS';
}

/** A share of the requests of a route. */
export interface WeightedBackend {
  /** Name of a cluster (`Backend.name`). Undefined: the reference cannot be resolved, its share is answered with 500 as Gateway API asks, gRPC with UNAVAILABLE. */
  readonly cluster?: string;
  /** From 0; the share is weight / sum of weights. */
  readonly weight: number;
  readonly requestHeaders?: HeaderChanges;
  readonly responseHeaders?: HeaderChanges;
  /** The others hang on it: where it has no endpoints at all, or one of them is not ready, it gets their requests too. At most one. */
  readonly isMain?: true;
  /** Where that is written of its backend which the route asks for, and no policy of the backend. Undefined: nowhere. */
  readonly writtenAt?: WrittenAt;
  /** Host header towards this backend only. */
  readonly hostRewrite?: string;
  readonly origins: readonly Origin[];
}

/** What backends see instead of what the client sent. */
export interface Rewrite {
  /** New Host header. */
  readonly host?: string;
  readonly path?: PathRewrite;
}

/** A new path; the query stays. */
export type PathRewrite =
  | { readonly type: 'full'; readonly value: string }
  /** Replaces what the match's path prefix took; `value` as the user wrote it, `/` and `''` drop the prefix. */
  | { readonly type: 'prefix'; readonly value: string }
  /** What an expression (RE2) finds is replaced; `\\1` in the replacement is its first group, `\\\\` a backslash. */
  | { readonly type: 'regex'; readonly pattern: string; readonly replacement: string };

/** A copy of each request, its answer thrown away. */
export interface Mirror {
  readonly cluster: string;
  /** Share of the requests that are copied: numerator / denominator. */
  readonly numerator: number;
  readonly denominator: number;
  /** Host header of the copies. Undefined: that of the request. */
  readonly host?: string;
  readonly origins: readonly Origin[];
}

/** Times of a request, in milliseconds. */
export interface RouteTimeouts {
  /** Whole request including retries; 0: no limit. */
  readonly requestMs: number;
  /** One try; undefined: as `requestMs`. */
  readonly perTryMs?: number;
  /** Silence of the backend in one try after which it is given up, from when the request was sent; undefined: no limit of its own. */
  readonly perTryIdleMs?: number;
  /** Silence in a stream after which it is ended; 0: no limit. Undefined: the listener's default of five minutes. */
  readonly streamIdleMs?: number;
}

/** Which failures are tried again, on another endpoint. */
export interface Retry {
  /** Envoy's words: `connect-failure`, `refused-stream`, `reset-before-request`, … @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter */
  readonly on: readonly string[];
  /** The same words: failures after which only GET, HEAD, OPTIONS, PUT and DELETE are tried again, besides. */
  readonly onIdempotent: readonly string[];
  /** Answers with one of these status codes are tried again as well; with `retriable-status-codes` among `onIdempotent` only of those requests. */
  readonly statusCodes: readonly number[];
  readonly count: number;
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
}

/** The client is sent elsewhere; what is undefined stays as it asked for. */
export interface RedirectAction {
  readonly type: 'redirect';
  readonly scheme?: 'http' | 'https';
  readonly host?: string;
  /** The port that clients see; undefined: Envoy keeps or drops the request's port by its own rules. */
  readonly port?: number;
  readonly path?: PathRewrite;
  readonly status: 301 | 302 | 303 | 307 | 308;
}

/** The client is sent to a place made of its request, for redirects that Envoy's own cannot say. */
export interface LocationAction {
  readonly type: 'location';
  readonly status: number;
  /**
   * Where to; of the request it may hold `{scheme}`, `{host}` (without a port), `{authority}` (as sent), `{target}` (path and query),
   * `{cut}` (the same without one slash at its end) and `{query}` (with its `?`, or nothing); and of what a proxy in front says by `X-Forwarded-` headers
   * `{saidScheme}`, `{saidHost}` (of several names the first, without a port) and `{saidPort|80}` (80 where it says none). Otherwise no braces.
   */
  readonly to: string;
}

/** A fixed answer: 500 for a rule without a usable backend, 404 for a default backend that is not there. */
interface RespondAction {
  readonly type: 'respond';
  readonly status: number;
  readonly body?: string;
}

/** Changes of the headers of requests or of responses. */
export interface HeaderChanges {
  /** Replace or create. */
  readonly set: readonly HeaderValue[];
  /** Append a value. */
  readonly add: readonly HeaderValue[];
  readonly remove: readonly string[];
}

interface HeaderValue {
  readonly name: string;
  /** Literal text: `%` is not Envoy's command operator. */
  readonly value: string;
}

/** @see https://fetch.spec.whatwg.org/#http-cors-protocol */
export interface Cors {
  /** `*`, an exact origin, or one with `*` for a part: `https://*.example.com`. */
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds?: number;
}

/** How HTTP with JSON becomes gRPC calls, and back. @see https://cloud.google.com/endpoints/docs/grpc/transcoding */
export interface Transcoder {
  /** `NAMESPACE/NAME` of its object. */
  readonly name: string;
  /** A `google.protobuf.FileDescriptorSet`. */
  readonly descriptorSet: Uint8Array;
  /** Those with HTTP requests. */
  readonly services: readonly string[];
  /** Whether a query parameter that is no field is answered with 400; else it is ignored. */
  readonly rejectsUnknownParameters: boolean;
  /** Whether the answer to a call that fails has a `google.rpc.Status` as JSON. */
  readonly convertsStatus: boolean;
  readonly printsDefaults: boolean;
  readonly printsEnumsAsNumbers: boolean;
  /** Names of the `.proto` file rather than camelCase. */
  readonly printsProtoNames: boolean;
  readonly origins: readonly Origin[];
}

/** A header of answers: a text, or what the request has in a header, in lower case. */
export type AnswerHeader = { readonly name: string; readonly value: string } | { readonly name: string; readonly ofRequest: string };

/** Who may ask. Who is refused by one of the lists is refused, whatever the others say. */
export interface Access {
  /** Networks as `ADDRESS/LENGTH`. Undefined: every address. */
  readonly allowed?: readonly string[];
  /** Networks whose clients are refused. */
  readonly denied: readonly string[];
}

/** How often a client, by its address, may send requests. All routes of a virtual host with the same name share the count. */
export interface ClientLimit {
  readonly name: string;
  /** A request must fit in all. */
  readonly buckets: readonly Bucket[];
  /** Networks that the limit does not hold for. */
  readonly except: readonly string[];
  /** Of the answer to what is too much, 400 or more; 503 where Envoy does not know it. */
  readonly status: number;
}

/** Requests that may come at once, and how fast they are given back. */
export interface Bucket {
  readonly size: number;
  readonly refill: number;
  readonly everyMs: number;
}

/**
 * A service that is asked about every request; 2xx is a yes. Of 401 and 403 the client is told, all else is answered with 500. In texts with
 * `$NAME` or `${NAME}` stands something of the request: the words of nginx.
 */
export interface Approval {
  /** Name of the cluster (`Backend.name`). */
  readonly cluster: string;
  readonly scheme: 'http' | 'https';
  /** Host header of the question, may have `$`. */
  readonly host: string;
  /** Path and query of the question, may have `$`. */
  readonly path: string;
  /** Undefined: GET. */
  readonly method?: string;
  /** Header `X-Auth-Request-Redirect` of the question, may have `$`. */
  readonly redirect: string;
  /** Further headers of the question, names in lower case, values may have `$`. */
  readonly requestHeaders: readonly { readonly name: string; readonly value: string }[];
  /** Headers of its answer, in lower case, that the backend gets; one that it does not send is taken from the request. */
  readonly copiedHeaders: readonly string[];
  /** Whether its cookies go to the client with every answer of the backend; else only with those of a success. */
  readonly setsCookiesAlways: boolean;
  /** Where clients are sent instead of 401, may have `$`. Undefined: nowhere. */
  readonly signin?: string;
  /** Answers that hold for more than one request. Undefined: the service is asked about each. */
  readonly kept?: KeptAnswers;
  readonly timeoutMs: number;
  /** The access log has a line for each question. */
  readonly isLogged?: true;
}

/** Answers that the auth service keeps. */
interface KeptAnswers {
  /** Name of the auth service's cluster (`Backend.name`). */
  readonly cluster: string;
  /** What they belong to, sealed for the auth service. */
  readonly scope: string;
  /** Requests with the same text have the same answer; may have `$`. */
  readonly key: string;
  /** Seconds that an answer holds, by its status, or `any`, where it does not say so itself. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** Who has a password, as the auth service knows it. Clients without one are answered with 401. */
export interface Passwords {
  /** Name of the auth service's cluster (`Backend.name`). */
  readonly cluster: string;
  /** Names and hashes, sealed for the auth service. */
  readonly users: string;
  /** What browsers show. */
  readonly realm: string;
}
