import { createSlot } from '../memo/slot.ts';
import { decode } from '../proto/codec.ts';
import type { FieldPath, Violation } from '../proto/rules.ts';
import { messageNameOf, type Resource, type ResourceMap, type ResourceType } from '../resource.ts';
import { contentOf, tableOf } from '../route-table.ts';
import type { Work } from '../work.ts';
import { examineTable, violationsInTable } from './check-table.ts';
import { inspected } from './inspected.ts';
import { references } from './references.ts';

/** The field of a message that holds the name of the resource. */
const nameFields: Readonly<Record<ResourceType, string>> = {
  clusters: 'name',
  endpoints: 'cluster_name',
  listeners: 'name',
  routes: 'name',
  secrets: 'name',
};

// Content never changes, so that what was once found holds for as long as it is there.
const known = createSlot<object, readonly Violation[]>();

/**
 * Everything for which Envoy would refuse a resource, as far as it can be seen without one: the field rules of its API, expressions
 * that RE2 does not take or that are too large, times that are none, what must not be there twice, and a name that is not its own.
 * Empty: it may be sent.
 */
export function problems(resource: Resource): readonly Violation[] {
  const content = contentOf(resource);
  let found = known.get(content);
  if (!found) {
    found = find(resource);
    known.set(content, found);
  }
  return found;
}

/** Whether all resources of a map are good: most maps are in the next build as well. */
const examined = createSlot<ResourceMap, boolean>();

/** Finds in short turns what `problems` and `references` say of resources, so that both have their answers ready. */
export function* examine(resources: ResourceMap): Work<void> {
  if (examined.has(resources)) return;
  for (const resource of resources.values()) {
    if (known.has(contentOf(resource))) continue;
    if (resource.type === 'routes') yield* examineTable(resource.name, tableOf(resource));
    problems(resource);
    references(resource);
    yield;
  }
  areGood(resources);
}

/** Whether there are problems with none of the resources. */
export function areGood(resources: ResourceMap): boolean {
  let good = examined.get(resources);
  if (good === undefined) {
    good = [...resources.values()].every((resource) => problems(resource).length === 0);
    examined.set(resources, good);
  }
  return good;
}

function find(resource: Resource): readonly Violation[] {
  const { type, name } = resource;
  const violations = type === 'routes' ? violationsInTable(name, tableOf(resource)) : inspected(messageNameOf(type), resource.bytes).violations;
  const field = nameFields[type];
  const written = nameIn(resource, field);
  return written === name ? violations : [...violations, { path: [field], rule: `must be ${name}, not ${written}` }];
}

/** The name is the first field of all five types, and written first where it is there. */
function nameIn(resource: Resource, field: string): string {
  const { type } = resource;
  const bytes = type === 'routes' ? tableOf(resource).own : resource.bytes;
  const length = bytes[1] ?? 0;
  if (bytes[0] === 0x0a && length < 0x80) return Buffer.from(bytes.buffer, bytes.byteOffset + 2, length).toString();
  return String((decode(messageNameOf(type), bytes) as Readonly<Record<string, unknown>>)[field] ?? '');
}

/** `virtual_hosts[0].routes[1].match`: a path as one writes it. */
export function pathText(path: FieldPath): string {
  return path.map((step, index) => (typeof step === 'number' || /[^\w]/.test(step) ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}
