import { hash } from 'node:crypto';
import { memoized } from '../memo/memoized.ts';
import { tableParts } from '../proto/encoded-table.ts';
import { hostFields, routeFields, tableFields } from '../proto/route-fields.ts';
import type { FieldPath } from '../proto/rules.ts';
import { textField, wireField, wireFields } from '../proto/wire-fields.ts';
import type { Resource } from '../resource.ts';
import { originsOf, tableResource } from '../route-table.ts';
import { isStandInHost } from './stand-in-piece.ts';

/**
 * A part of a route configuration that can be held back for itself: a route (all its entries), what a virtual host holds beside its
 * routes, or what the route configuration holds beside its virtual hosts. What stands in for a virtual host is one piece.
 */
export interface RoutePiece {
  /** Identity within the route configuration; equal in all its forms. */
  readonly key: string;
  readonly type: 'configuration' | 'virtualHost' | 'route';
  /** Name of the virtual host; undefined for the configuration. */
  readonly virtualHost?: string;
  /** Name of the route; `''` where it has none, then its match is its identity. Undefined for the others. */
  readonly route?: string;
  /** Encoded: of a route its entries, of the others one message without what is a piece of its own. */
  readonly parts: readonly Uint8Array[];
  /** Hash of the parts. */
  readonly version: string;
}

interface Pieces {
  readonly all: ReadonlyMap<string, RoutePiece>;
  /** By position in the message: keys of the virtual hosts, and of the routes of each. */
  readonly hosts: readonly { readonly key: string; readonly routes: readonly string[] }[];
}

/** The pieces of a route configuration by key: the configuration itself, then each virtual host followed by its routes. */
export function routePieces(resource: Resource): ReadonlyMap<string, RoutePiece> {
  return piecesOf(resource).all;
}

/** The piece that a path of the message leads into. */
export function pieceAt(resource: Resource, path: FieldPath): RoutePiece {
  const { all, hosts } = piecesOf(resource);
  const [hostField, hostIndex, routeField, routeIndex] = path;
  const host = hostField === 'virtual_hosts' ? hosts[Number(hostIndex)] : undefined;
  const key = routeField === 'routes' ? host?.routes[Number(routeIndex)] : host?.key;
  const piece = all.get(key ?? configurationKey);
  if (!piece) throw new Error(`${resource.name} has no piece at ${path.join('.')}`);
  return piece;
}

const configurationKey = '';

// A resource never changes, so that its pieces hold for as long as it is there.
const piecesOf = memoized(({ bytes }: Resource): Pieces => {
  const all = new Map<string, RoutePiece>();
  const hosts: { key: string; routes: readonly string[] }[] = [];
  const fields = wireFields(bytes);
  add(all, {
    key: configurationKey,
    type: 'configuration',
    parts: [Buffer.concat(fields.filter(({ number }) => number !== tableFields.virtualHosts).map(({ whole }) => whole))],
  });
  for (const { number, value } of fields) if (number === tableFields.virtualHosts) hosts.push(addHost(all, value));
  return { all, hosts };
});

function addHost(all: Map<string, RoutePiece>, bytes: Uint8Array): { key: string; routes: readonly string[] } {
  const fields = wireFields(bytes);
  const virtualHost = textField(bytes, hostFields.name);
  let key = JSON.stringify([virtualHost]);
  while (all.has(key)) key += '+';
  // Without its route it would look like a host that is as it should be.
  if (isStandInHost(bytes)) {
    add(all, { key, type: 'virtualHost', virtualHost, parts: [bytes] });
    return { key, routes: [] };
  }
  add(all, {
    key,
    type: 'virtualHost',
    virtualHost,
    parts: [Buffer.concat(fields.filter(({ number }) => number !== hostFields.routes).map(({ whole }) => whole))],
  });
  const entries = new Map<string, { readonly route: string; readonly parts: Uint8Array[] }>();
  const routes: string[] = [];
  for (const { number, value } of fields) {
    if (number !== hostFields.routes) continue;
    const route = textField(value, routeFields.name);
    const identity = route || `${hash('sha256', matchOf(value), 'hex')} `;
    const routeKey = `${key} ${identity}`;
    routes.push(routeKey);
    const known = entries.get(routeKey);
    if (known) known.parts.push(value);
    else entries.set(routeKey, { route, parts: [value] });
  }
  for (const [routeKey, { route, parts }] of entries) add(all, { key: routeKey, type: 'route', virtualHost, route, parts });
  return { key, routes };
}

function add(all: Map<string, RoutePiece>, piece: Omit<RoutePiece, 'version'>): void {
  all.set(piece.key, { ...piece, version: hash('sha256', Buffer.concat([...piece.parts]), 'hex').slice(0, 16) });
}

function matchOf(route: Uint8Array): Uint8Array {
  return wireFields(route).find(({ number }) => number === routeFields.match)?.value ?? new Uint8Array();
}

/**
 * The route configuration with other forms of some pieces, in its own order.
 * @param forms by key: the parts that take the place of the piece; none: it is left out, a virtual host with all its routes. So
 * are the routes of a virtual host whose form has routes of its own.
 */
export function withPieces(resource: Resource, forms: ReadonlyMap<string, readonly Uint8Array[]>): Resource {
  if (forms.size === 0) return resource;
  const hosts: Uint8Array[][] = [];
  let head: Uint8Array = new Uint8Array();
  let routes: Uint8Array[] | undefined;
  for (const { key, type, parts } of routePieces(resource).values()) {
    const form = forms.get(key) ?? parts;
    if (type === 'configuration') head = form[0] ?? head;
    else if (type === 'route') routes?.push(...form.map((entry) => wireField(hostFields.routes, entry)));
    else {
      const host = form[0] && [form[0]];
      if (host) hosts.push(host);
      routes = form[0] && hasRoutes(form[0]) ? undefined : host;
    }
  }
  const joined = hosts.map(([host = new Uint8Array(), ...entries]) => wireField(tableFields.virtualHosts, inOrder(host, hostFields.routes, entries)));
  return tableResource(resource.name, tableParts(inOrder(head, tableFields.virtualHosts, joined)), originsOf(resource));
}

/** Whether a form of a virtual host brings routes of its own, in the place of all of them. */
function hasRoutes(head: Uint8Array): boolean {
  return wireFields(head).some(({ number }) => number === hostFields.routes);
}

/** Puts fields of a number into a message where they stand in the order of numbers, as an encoder would. */
function inOrder(message: Uint8Array, number: number, fields: readonly Uint8Array[]): Uint8Array {
  const own = wireFields(message);
  const before = own.filter((field) => field.number <= number).map(({ whole }) => whole);
  const after = own.filter((field) => field.number > number).map(({ whole }) => whole);
  return Buffer.concat([...before, ...fields, ...after]);
}
