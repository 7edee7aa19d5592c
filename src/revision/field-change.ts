import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../proto/codec.ts';

/** A field that differs between two messages. */
export interface FieldChange {
  /** With Envoy's names: `circuit_breakers.thresholds[0].max_connections`; what has a name is found by it: `filter_chains[shop.example]`. */
  readonly path: string;
  /** Undefined: it was not there. */
  readonly before?: Json;
  /** Undefined: it is not there any more. */
  readonly after?: Json;
}

/** The fields that differ, in the order of the messages. Where something as a whole is new or gone, it is one field. */
export function fieldChanges(before: Json | undefined, after: Json | undefined, path = ''): readonly FieldChange[] {
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => fieldChanges(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  if (isList(before) && isList(after)) return listChanges(before, after, path);
  if (isDeepStrictEqual(before, after)) return [];
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

function listChanges(before: readonly Json[], after: readonly Json[], path: string): readonly FieldChange[] {
  const [old, next] = [byName(before), byName(after)];
  if (old && next) {
    const names = new Set([...old.keys(), ...next.keys()]);
    return [...names].flatMap((name) => fieldChanges(old.get(name), next.get(name), `${path}[${name}]`));
  }
  if (before.length === after.length && [...before, ...after].every(isObject)) {
    return before.flatMap((one, index) => fieldChanges(one, after[index], `${path}[${index}]`));
  }
  return isDeepStrictEqual(before, after) ? [] : [{ path, before, after }];
}

/** Undefined: not everything in the list has a name of its own. */
function byName(list: readonly Json[]): ReadonlyMap<string, Json> | undefined {
  const found = new Map<string, Json>();
  for (const one of list) {
    const name = isObject(one) ? one['name'] : undefined;
    if (typeof name !== 'string' || found.has(name)) return undefined;
    found.set(name, one);
  }
  return found;
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
