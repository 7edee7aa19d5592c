import { memoized } from '../memo/memoized.ts';
import { hostFields, routeFields } from '../proto/route-fields.ts';
import { textField, wireFields } from '../proto/wire-fields.ts';
import type { Resource } from '../resource.ts';
import { tableOf } from '../route-table.ts';

/** A route configuration whose parts are found by name. They are not read: equal bytes need no second look. */
export interface NamedTable {
  /** All of it but its virtual hosts: a message of the same kind. */
  readonly own: Uint8Array;
  readonly hosts: ReadonlyMap<string, NamedHost>;
}

/** A virtual host whose routes are found by name. */
export interface NamedHost {
  /** All of it but its routes: a message of the same kind. */
  readonly own: Uint8Array;
  /** Each a message, by name, in the order in which they are tried. */
  readonly routes: ReadonlyMap<string, Uint8Array>;
}

/** The routes of a route configuration by name: a small part of what it costs to read thousands of them. The same for the same resource. */
export const routesByName = memoized((resource: Resource): NamedTable => {
  const { own, hosts } = tableOf(resource);
  return { own, hosts: new Map(hosts.map(namedHost)) };
});

// An encoded virtual host never changes, and most of a table stand in the next one as well.
const namedHost = memoized((host: Uint8Array): readonly [name: string, NamedHost] => {
  const fields = wireFields(host);
  const own = fields.filter(({ number }) => number !== hostFields.routes).map(({ whole }) => whole);
  const routes = fields.filter(({ number }) => number === hostFields.routes).map(({ value }) => value);
  const named = { own: Buffer.concat(own), routes: new Map(routes.map((route) => [textField(route, routeFields.name), route])) };
  return [textField(host, hostFields.name), named];
});
