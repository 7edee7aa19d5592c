import { decode } from '../proto/codec.ts';
import type { MessageName } from '../proto/message.ts';
import { type Resource, type ResourceType, typeUrls } from '../resource.ts';

/** Names of the resources that one resource needs, by type. */
export type References = Readonly<Record<Exclude<ResourceType, 'listeners'>, ReadonlySet<string>>>;

// Resources are immutable, so what they refer to is read once.
const known = new WeakMap<Resource, References>();

/** Which endpoints (EDS), secrets (SDS), route configurations (RDS) and clusters a resource names. */
export function referencesOf(resource: Resource): References {
  let found = known.get(resource);
  if (!found) {
    found = read(resource);
    known.set(resource, found);
  }
  return found;
}

function read(resource: Resource): References {
  const references = { clusters: new Set<string>(), endpoints: new Set<string>(), routes: new Set<string>(), secrets: new Set<string>() };
  // Endpoints and secrets are leaves.
  if (resource.type === 'endpoints' || resource.type === 'secrets') return references;
  const message: unknown = decode(typeUrls[resource.type].slice('type.googleapis.com/'.length) as MessageName, resource.bytes);
  visit(message, (key, value, holder) => {
    if (key === 'cluster' || key === 'cluster_name') addName(references.clusters, value);
    else if (key === 'route_config_name') addName(references.routes, value);
    else if (key === 'sds_config') addName(references.secrets, holder['name']);
  });
  if (resource.type === 'clusters' && isObject(message) && message['type'] === 'EDS') {
    const eds = message['eds_cluster_config'];
    const service = isObject(eds) ? eds['service_name'] : undefined;
    addName(references.endpoints, service || resource.name);
  }
  // A cluster names itself (`load_assignment.cluster_name`), never another one.
  if (resource.type === 'clusters') references.clusters.clear();
  return references;
}

function visit(value: unknown, found: (key: string, value: unknown, holder: Readonly<Record<string, unknown>>) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, found);
  if (!isObject(value)) return;
  for (const [key, field] of Object.entries(value)) {
    found(key, field, value);
    visit(field, found);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function addName(names: Set<string>, value: unknown): void {
  if (typeof value === 'string' && value !== '') names.add(value);
}
