import { forEachField } from '../proto/protobuf-fields.ts';
import type { Resource } from '../resource.ts';

/** A route configuration taken apart, but not read: equal bytes need no second look. */
export interface RouteTable {
  /** All of it but its virtual hosts: a message of the same kind. */
  readonly own: Buffer;
  readonly hosts: ReadonlyMap<string, HostTable>;
}

/** A virtual host taken apart. */
export interface HostTable {
  /** All of it but its routes: a message of the same kind. */
  readonly own: Buffer;
  /** Each a message, by name, in the order in which they are tried. */
  readonly routes: ReadonlyMap<string, Buffer>;
}

// Numbers of fields. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto
const virtualHosts = 2;
const hostName = 1;
const hostRoutes = 3;
const routeName = 14;

// A resource never changes, and most are the same in the next revision.
const known = new WeakMap<Resource, RouteTable>();

/** Takes a route configuration apart: a small part of what it costs to read thousands of routes. */
export function routeTable(resource: Resource): RouteTable {
  let found = known.get(resource);
  if (!found) {
    const { own, parts } = split(Buffer.from(resource.bytes.buffer, resource.bytes.byteOffset, resource.bytes.length), virtualHosts);
    found = { own, hosts: new Map(parts.map((host) => [textIn(host, hostName), hostTable(host)])) };
    known.set(resource, found);
  }
  return found;
}

function hostTable(host: Buffer): HostTable {
  const { own, parts } = split(host, hostRoutes);
  return { own, routes: new Map(parts.map((route) => [textIn(route, routeName), route])) };
}

/** The contents of one repeated field, and the message without it. */
function split(message: Buffer, repeated: number): { readonly own: Buffer; readonly parts: readonly Buffer[] } {
  const own: Buffer[] = [];
  const parts: Buffer[] = [];
  forEachField(message, ({ number, start, contentStart, end }) => {
    if (number === repeated) parts.push(message.subarray(contentStart, end));
    else own.push(message.subarray(start, end));
    return undefined;
  });
  return { own: Buffer.concat(own), parts };
}

function textIn(message: Buffer, wanted: number): string {
  let text = '';
  forEachField(message, ({ number, contentStart, end }) => {
    if (number === wanted) text = message.toString('utf8', contentStart, end);
    return undefined;
  });
  return text;
}
