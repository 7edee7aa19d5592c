import type { Route } from '../ir/route.ts';
import { WeakTable } from '../memo/weak-table.ts';
import type { Stored } from '../store/stored.ts';

/** By the object, then by the port and the host name that a route of it stands under, and its own name there. */
const before = new WeakTable<object, string, Route>();

/**
 * The route of the build before, where it says the same and comes from the very same object; else the given one. So whatever is
 * remembered by routes stays true for objects whose routes are made anew with every build.
 * @param place tells the routes of one object apart that have one name.
 */
export function sameRoute(route: Route, owner: Pick<Stored, 'kind' | 'namespace' | 'name'>, place: string): Route {
  const key = `${place} ${route.name}`;
  const old = before.get(owner, key);
  if (old && isSame(old, route, `${owner.kind} ${owner.namespace}/${owner.name}`)) return old;
  before.set(owner, key, route);
  return route;
}

/** @param owner what both come from: of its origins the fields count, of all others who they are, as their lines may have moved. */
function isSame(a: unknown, b: unknown, owner: string): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, index) => isSame(one, b[index], owner));
  }
  const [left, right] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>];
  const isOrigin = Object.getPrototypeOf(a) !== Object.prototype;
  if (isOrigin && (left['object'] !== owner || right['object'] !== owner)) return false;
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => Object.hasOwn(right, name) && isSame(left[name], right[name], owner));
}
