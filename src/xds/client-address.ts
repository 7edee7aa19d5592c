import type { Listener } from '../ir/gateway.ts';
import { clientSubjectHeader, serverNameHeader } from '../ir/names.ts';
import { type Message, typed } from '../proto/message.ts';
import { bool } from '../proto/values.ts';
import { extracted } from './cel-format.ts';
import { cidrRange, nobody } from './cidr-range.ts';
import { placeHeaders } from './filter/geoip.ts';
import { keysHeader } from './filter/sticky-script.ts';
import { originalForwardedFor } from './forwarded-headers.ts';
import { needsProxyHeader } from './proxy-header.ts';
import { distrustedHeaders } from './tracing.ts';

type Manager = Message<'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'>;
type Mutation = Message<'envoy.config.common.mutation_rules.v3.HeaderMutation'>;

/**
 * Headers by which a caller would rule Envoy's retries and time-outs. Where the peer is the client Envoy takes them away by
 * itself; behind a trusted proxy it does not, although they come from the client all the same.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/header_sanitizing
 */
const steeringHeaders = [
  'x-envoy-decorator-operation',
  'x-envoy-downstream-service-cluster',
  'x-envoy-downstream-service-node',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-force-trace',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-internal',
  'x-envoy-ip-tags',
  'x-envoy-max-retries',
  'x-envoy-original-path',
  'x-envoy-original-url',
  'x-envoy-retriable-header-names',
  'x-envoy-retriable-status-codes',
  'x-envoy-retry-grpc-on',
  'x-envoy-retry-on',
  'x-envoy-upstream-alt-stat-name',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-upstream-rq-timeout-ms',
];

/** With an empty list Envoy takes private and loopback addresses for internal. */
const nobodyInternal = { internal_address_config: { cidr_ranges: [cidrRange(nobody)] } } satisfies Manager;

/**
 * How the connection manager learns who the client is.
 * - A sidecar changes nothing: what its application or its peer says is passed on.
 * - `Peer` and `ProxyProtocol`: the peer (as the PROXY header names it) is the client; what it says of itself is not believed.
 * - `XForwardedFor`: the extension reads the header from the right while addresses are trusted. It cannot be mixed with
 *   `use_remote_address`. Then Envoy adds the peer to the header.
 *
 * A PROXY header names the port that the client asked for: 443 means that a load balancer ended TLS, so that X-Forwarded-Proto says `https`, as behind nginx.
 *
 * No address counts as internal: the `x-envoy-*` headers of a client in a private network are as untrusted as any.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for
 */
export function clientAddressOptions({ clientAddress, direction }: Listener): Manager {
  if (direction !== 'gateway') return { use_remote_address: bool(false), skip_xff_append: true };
  const common = { ...nobodyInternal, ...(needsProxyHeader(clientAddress) && { forward_proto_config: { https_destination_ports: [443] } }) };
  if (clientAddress.mode !== 'XForwardedFor') return { ...common, use_remote_address: bool(true) };
  return {
    ...common,
    use_remote_address: bool(false),
    original_ip_detection_extensions: [
      {
        name: 'envoy.http.original_ip_detection.xff',
        typed_config: typed('envoy.extensions.http.original_ip_detection.xff.v3.XffConfig', {
          xff_trusted_cidrs: { cidrs: clientAddress.trustedCidrs.map(cidrRange) },
          // Where it finds nobody the peer is added whatever this says.
          skip_xff_append: bool(false),
        }),
      },
    ],
  };
}

/**
 * Headers that are put right before any filter, and before Envoy finds out who the client is.
 * - What nobody may bring along is taken away: headers by which Envoy is ruled, where it does not do so by itself, and the one by which
 *   filters hand keys to each other, where names with underscores are not dropped anyway; those that say where the client comes from; and the
 *   context of spans of clients that are not trusted.
 * - What the client said of its way is kept in X-Original-Forwarded-For; where proxies may be trusted X-Forwarded-For is made such as Envoy reads it.
 * - Behind TLS the name that the connection asked for stands in a header, for routes: it may be another one than the request asks for; and so does the
 *   subject of the client's certificate.
 * - A request without an id gets one of 32 hexadecimal digits, as nginx makes them: four times the beginning of a random UUID, which operators can shorten
 *   only through another operator.
 */
export function earlyHeaders(listener: Listener): Manager {
  const { direction, clientAddress, makesRequestIds, filterChains } = listener;
  const dropsUnderscores = direction === 'gateway' && !listener.allowsUnderscores;
  const taken = [
    ...(direction === 'gateway' && clientAddress.mode === 'XForwardedFor' ? steeringHeaders : []),
    ...distrustedHeaders(listener),
    ...(dropsUnderscores ? [] : [keysHeader]),
    ...(listener.places ? Object.values(placeHeaders) : []),
  ];
  const mutations: Mutation[] = [
    ...taken.map((remove) => ({ remove })),
    ...(direction === 'gateway' ? forwardedFor(clientAddress) : []),
    ...(direction === 'gateway' && filterChains.some(({ tls }) => tls) ? connectionHeaders(filterChains) : []),
    ...(direction === 'gateway' && makesRequestIds ? [set('x-request-id', eightDigits.repeat(4), 'ADD_IF_ABSENT')] : []),
  ];
  return {
    early_header_mutation_extensions: [
      {
        name: 'envoy.http.early_header_mutation.header_mutation',
        typed_config: typed('envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation', { mutations }),
      },
    ],
  };
}

/** What only the connection says: what a client writes under these names is never believed. */
function connectionHeaders(chains: Listener['filterChains']): Mutation[] {
  const asksForCertificates = chains.some(({ tls }) => tls?.clients);
  return [
    { remove: serverNameHeader },
    set(serverNameHeader, '%REQUESTED_SERVER_NAME%'),
    { remove: clientSubjectHeader },
    ...(asksForCertificates ? [set(clientSubjectHeader, '%DOWNSTREAM_PEER_SUBJECT%')] : []),
  ];
}

/**
 * Cuts off the last port in the header: Envoy reads plain addresses alone, and knows nobody where it meets anything else, whereas nginx takes those with a port.
 * Headers without a colon are told apart first, as Envoy compiles the pattern for each request: 35 µs, nearly half of what a request costs.
 */
const withoutPort = set(
  'x-forwarded-for',
  extracted('x-forwarded-for', String.raw`^((?:.*[ ,])?)(?:([0-9.]+)|\[([0-9A-Fa-f:.]+)\]):[0-9]{1,5}((?:[ ,].*)?)$`, String.raw`\1\2\3\4`, ':'),
  'OVERWRITE_IF_EXISTS',
);

const eightDigits = '%COALESCE({"operators":["UNIQUE_ID"]}):8%';

function forwardedFor(clientAddress: Listener['clientAddress']): Mutation[] {
  const header = clientAddress.mode === 'XForwardedFor' ? clientAddress.header : undefined;
  const original: Mutation[] = [{ remove: originalForwardedFor }, set(originalForwardedFor, `%REQ(${header ?? 'x-forwarded-for'})%`)];
  if (clientAddress.mode !== 'XForwardedFor') return original;
  return [
    ...original,
    ...(header === undefined ? [] : [{ remove: 'x-forwarded-for' }, set('x-forwarded-for', `%REQ(${header})%`)]),
    // Of the proxy in front and of one before it.
    withoutPort,
    withoutPort,
    // Envoy says itself what is not there.
    ...(clientAddress.believesOthers ? [] : [{ remove: 'x-forwarded-proto' }]),
  ];
}

/** A value that is empty in the end sets nothing. */
function set(key: string, value: string, append_action: NonNullable<Mutation['append']>['append_action'] = 'OVERWRITE_IF_EXISTS_OR_ADD'): Mutation {
  return { append: { header: { key, value }, append_action } };
}
