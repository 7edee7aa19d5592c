import type { AnyExtension } from '@grpc/proto-loader';
import type { Listener } from '../../ir/gateway.ts';
import type { Route, VirtualHost } from '../../ir/route.ts';
import type { SaidByHost } from '../of-host.ts';

/**
 * An HTTP filter, as two questions. A filter that routes can configure is in the chain of every listener, disabled, whether a
 * route uses it or not: so a change of a route never changes a listener, which would drain its connections (promise 9).
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_filters
 */
export interface Filter {
  /** Envoy's name of the filter, by which routes refer to it. */
  readonly name: string;
  /** Its place in the chain: the configuration, and whether it stands there disabled. Undefined: not in this listener. */
  chain(listener: Listener): { readonly config: AnyExtension; readonly disabled: boolean } | undefined;
  /** Whether it is there for upgraded connections, such as WebSockets; undefined: it is. */
  readonly isForUpgrades?: false;
  /** What a route configures, which also switches the filter on there. Undefined: nothing. @param said by its virtual host already. */
  route(route: Route, said: SaidByHost): AnyExtension | undefined;
  /** What a virtual host configures for all of its routes, for what is too large to stand in each. */
  host?(host: VirtualHost, said: SaidByHost): AnyExtension | undefined;
}
