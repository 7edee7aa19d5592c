import type { Group } from '../ir/gateway.ts';
import { grpcGroupParts } from '../ir/names.ts';
import type { Snapshot } from '../resource.ts';
import { redirectStatus } from '../row/redirect-status.ts';
import { type Arrival, arrivalOf, isWithin } from './client.ts';
import { type Condition, conditionsOf, type Matchable } from './conditions.ts';
import type { ExplainRequest, Explanation, FilterStep, Outcome, SeenRequest } from './explanation.ts';
import { headerChangesOf } from './header-change.ts';
import { findListener, portsOf } from './listener.ts';
import {
  type ManagerMessage,
  managerOf,
  milliseconds,
  passedTo,
  type RouteMessage,
  type RouteTableMessage,
  routeTableOf,
  type VirtualHostMessage,
} from './messages.ts';
import { nearMisses } from './near-miss.ts';
import { type OriginIndex, originIndex } from './origins.ts';
import { locationOf, rewrittenPath } from './rewrite.ts';
import { readRequest } from './seen-request.ts';
import { routeSettings } from './settings.ts';
import { handlingOf, sharesOf } from './share.ts';
import { stickyOf } from './sticky.ts';
import { virtualHostFor } from './virtual-host.ts';
import { toldHeaders } from './way-headers.ts';

/**
 * Tells the way of one request, from the very resources that a group is served, walking them as Envoy does.
 * @param group the representation that the snapshot was made from: it knows the origin of every route. Undefined for one that
 * was stored: then virtual hosts and routes have no origins, and the other resources the objects without their lines.
 */
export function explain(snapshot: Snapshot, group: Group | undefined, request: ExplainRequest): Explanation {
  const read = readRequest(request);
  if (!read) return ended(snapshot, request, `${request.url} is not a URL of http or https`);
  const { url } = read;
  const found = findListener(snapshot, url);
  const manager = found?.chain ? managerOf(found.chain) : {};
  const { seen, matchable } = read.through(manager);
  const base = { group: snapshot.group, request: seen, nearMisses: [] };
  if (!found && grpcGroupParts(snapshot.group)) {
    const names = [...snapshot.resources.listeners.keys()];
    const reason = `gRPC clients of the group cannot dial xds:///${url.host}; they know ${names.join(', ')}.`;
    return { ...base, filters: [], outcome: { type: 'refused', reason } };
  }
  if (!found) {
    const ports = portsOf(snapshot);
    const others = ports.length === 0 ? 'the group has no listener' : `the ports of the group are ${ports.join(', ')}`;
    return { ...base, filters: [], outcome: { type: 'refused', reason: `Nobody listens on port ${url.port}; ${others}.` } };
  }
  const { listener } = found;
  if (!found.chain) {
    const reason = `The listener of port ${url.port} has no filter chain for ${url.scheme} connections to ${url.hostname}; they are closed.`;
    return { ...base, listener, filters: [], outcome: { type: 'refused', reason } };
  }
  const { direct_source_prefix_ranges: peers = [] } = found.chain.filter_chain_match ?? {};
  if (request.peer !== undefined && peers.length > 0 && !isWithin(peers, request.peer)) {
    const reason = `Connections from ${request.peer} are closed: PROXY headers are taken only from trusted networks.`;
    return { ...base, listener, filters: [], outcome: { type: 'refused', reason } };
  }
  const passed = passedTo(found.chain);
  if (passed !== undefined) {
    const reason = `TLS for ${url.hostname} goes to ${passed} as it comes; what is in it Envoy does not see.`;
    return { ...base, listener, filters: [], outcome: { type: 'refused', reason } };
  }
  const arrival = arrivalOf(manager, found.readsProxyHeader, request, matchable.headers, url.port);
  const known = { ...base, listener, ...(arrival && { client: arrival.client }) };
  if (seen.path === '') return { ...known, filters: filterSteps(manager), outcome: { type: 'answer', status: 400, reason: 'no route' } };
  const sent: Sent = { headers: request.headers.filter(([name]) => !seen.droppedHeaders.includes(name)), arrival };
  return { ...known, ...routed(snapshot, manager, seen, matchable, sent, originIndex(group)) };
}

/** What sticky splits and backends look at. */
interface Sent {
  readonly headers: ExplainRequest['headers'];
  /** Undefined: the question does not say who connects. */
  readonly arrival: Arrival | undefined;
}

/** The part behind the connection manager: virtual host, route, action. */
function routed(
  snapshot: Snapshot,
  manager: ManagerMessage,
  seen: SeenRequest,
  matchable: Matchable,
  sent: Sent,
  origins: OriginIndex,
): Pick<Explanation, 'virtualHost' | 'route' | 'filters' | 'outcome' | 'nearMisses'> {
  const resource = snapshot.resources.routes.get(manager.rds?.route_config_name ?? '');
  const table: RouteTableMessage = resource ? routeTableOf(resource) : {};
  const configuration = table.name ?? '';
  const host = virtualHostFor(table, seen.host);
  if (!host) {
    const outcome: Outcome = { type: 'answer', status: 404, reason: 'no virtual host' };
    return { filters: filterSteps(manager), outcome, nearMisses: nearMisses(table, matchable, undefined, origins) };
  }
  const name = host.host.name ?? '';
  const virtualHost = {
    routeConfiguration: configuration,
    name,
    domain: host.domain,
    origins: origins.virtualHost(configuration, name)?.origins ?? [],
  };
  const fitting = firstFitting(host.host.routes ?? [], matchable);
  if (!fitting) {
    const outcome: Outcome = { type: 'answer', status: 404, reason: 'no route' };
    return { virtualHost, filters: filterSteps(manager), outcome, nearMisses: nearMisses(table, matchable, host.host, origins) };
  }
  const { message, conditions, triedBefore } = fitting;
  const routeName = message.name ?? '';
  const written = origins.route(configuration, name, routeName);
  return {
    virtualHost,
    route: { name: routeName, triedBefore, conditions: conditions.map(({ words }) => words), origins: written?.origins ?? [] },
    filters: filterSteps(manager, message, host.host),
    outcome: withTold(outcomeOf(snapshot, manager, seen, sent, message, written, origins), sent.arrival, table, host.host, message),
    nearMisses: [],
  };
}

function firstFitting(routes: readonly RouteMessage[], request: Matchable) {
  for (const [triedBefore, message] of routes.entries()) {
    const conditions: Condition[] = conditionsOf(message.match ?? {}, request);
    if (conditions.every(({ failure }) => !failure)) return { message, conditions, triedBefore };
  }
  return undefined;
}

function outcomeOf(
  snapshot: Snapshot,
  manager: ManagerMessage,
  seen: SeenRequest,
  sent: Sent,
  message: RouteMessage,
  written: ReturnType<OriginIndex['route']>,
  origins: OriginIndex,
): Outcome {
  const { match, redirect, direct_response, route } = message;
  if (redirect) {
    const status = redirectStatus(redirect.response_code);
    return { type: 'redirect', status, location: locationOf({ ...seen, query: seen.query }, match ?? {}, redirect) };
  }
  if (direct_response) {
    const body = direct_response.body?.inline_string;
    return { type: 'answer', status: direct_response.status ?? 0, reason: 'route', ...(body !== undefined && { body }) };
  }
  const headers = headerChangesOf(message);
  const path = rewrittenPath(seen.path, match ?? {}, route ?? {});
  const sticky = stickyOf(route ?? {}, sent.headers, sent.arrival?.client.address);
  return {
    type: 'forward',
    shares: sharesOf(snapshot, route ?? {}, written, origins),
    ...(sticky && { sticky }),
    ...(path !== (seen.writtenPath ?? seen.path) && { newPath: seen.query === undefined ? path : `${path}?${seen.query}` }),
    ...(route?.host_rewrite_literal && { newHost: route.host_rewrite_literal }),
    ...(headers && { headers }),
    ...handlingOf(message, milliseconds(manager.stream_idle_timeout, 300_000)),
    settings: written?.action.type === 'forward' ? routeSettings(written.action) : [],
  };
}

/** What a virtual host configures holds for its routes. @param configuring the most special first. */
function filterSteps(manager: ManagerMessage, ...configuring: readonly (RouteMessage | VirtualHostMessage | undefined)[]): FilterStep[] {
  return (manager.http_filters ?? []).map(({ name = '', disabled }) => {
    const configured = configuring.map((one) => one?.typed_per_filter_config?.[name]).find((config) => config !== undefined);
    const switchedOff = configured !== undefined && 'disabled' in configured && configured['disabled'] === true;
    return { name, state: switchedOff ? 'off' : configured ? 'route' : disabled ? 'off' : 'on' };
  });
}

/** The same with what a backend learns of the client. */
function withTold(outcome: Outcome, arrival: Arrival | undefined, table: RouteTableMessage, host: VirtualHostMessage, route: RouteMessage): Outcome {
  if (!arrival || outcome.type !== 'forward') return outcome;
  return { ...outcome, told: toldHeaders(arrival.input, table, host, route) };
}

function ended(snapshot: Snapshot, { method, url }: ExplainRequest, reason: string): Explanation {
  const request: SeenRequest = { method, scheme: 'http', host: '', port: 0, path: url, isGrpc: false, droppedHeaders: [] };
  return { group: snapshot.group, request, filters: [], outcome: { type: 'refused', reason: `${reason}.` }, nearMisses: [] };
}
