import type { ClientAddress } from '../../../ir/gateway.ts';
import type { Route } from '../../../ir/route.ts';
import type { Controller } from '../../../nginx/controller.ts';
import type { RouteContext } from '../../route-context.ts';
import type { AuthzAccess } from '../authz.ts';
import type { Blocking } from '../blocking.ts';
import type { CanaryOf } from '../canaries.ts';
import type { ClientCheck } from '../client-check.ts';
import type { Location, Server } from '../location.ts';
import type { RouteWord } from '../log-format.ts';
import type { ProxyHeader } from '../proxy-headers.ts';
import type { UpstreamReadingOf } from '../upstreams.ts';

/** A route of a location while it is put together. */
export type LocationRoute = Omit<Route, 'name' | 'origins'>;

/** One of the two ports of an Ingress. */
export interface IngressPort {
  /** How the client came. */
  readonly scheme: 'http' | 'https';
  /** As people write it. */
  readonly number: number;
  /** Who the client is. */
  readonly clientAddress: ClientAddress;
}

/** What a feature knows besides the location. */
export interface FeatureContext extends RouteContext {
  readonly controller: Controller;
  /** Whom the controller keeps out of all locations. */
  readonly blocking: Blocking;
  /** What `proxy-set-headers` adds to requests. */
  readonly proxyHeaders: readonly ProxyHeader[];
  readonly server: Server;
  /** On which of the two ports of an Ingress the routes will stand. Most host names have the same on both, as nothing of them asks. */
  readonly port: () => IngressPort;
  /** Whether the host name has HTTPS with a certificate of its own. */
  readonly hasTls: boolean;
  readonly canaryOf: CanaryOf;
  readonly upstreamReadingOf: UpstreamReadingOf;
  /** What the host name asks of the certificates of clients. Undefined: nothing. */
  readonly clientCheck: ClientCheck | undefined;
  readonly authz: AuthzAccess;
  /** What the access log says of locations. */
  readonly logWords: readonly RouteWord[];
}

/**
 * Something that annotations or settings of ingress-nginx ask for. It gets the routes of a location, of which the first that fits a request
 * holds, and gives those that take their place: with more said in each, or with more of them.
 */
export type Feature = (routes: readonly LocationRoute[], location: Location, context: FeatureContext) => readonly LocationRoute[];
