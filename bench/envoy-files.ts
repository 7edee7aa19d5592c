import type { Json } from '../src/proto/codec.ts';
import { type ResourceType, typeUrls } from '../src/resource.ts';

/** A file, as Envoy is told of it where it would else be told of ADS. */
export const source = (path: string): Json => ({ path_config_source: { path }, resource_api_version: 'V3' });

/** A discovery response, as Envoy reads it from a file. */
export function answer(type: ResourceType, resources: readonly Json[]): string {
  return JSON.stringify({ version_info: '0', resources: resources.map((resource) => ({ '@type': typeUrls[type], ...(resource as object) })) });
}

/** The same resource with a file wherever it says that something comes over ADS. */
export function fromFile(json: Json, path: string): Json {
  if (Array.isArray(json)) return json.map((item) => fromFile(item, path));
  if (json === null || typeof json !== 'object') return json;
  if ('ads' in json) return source(path);
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, fromFile(value, path)]));
}

/** The same cluster with its endpoints in it. */
export function fixed(cluster: Json, assignment: Json): Json {
  const { eds_cluster_config: _, ...rest } = cluster as Readonly<Record<string, Json>>;
  return { ...rest, type: 'STATIC', load_assignment: assignment };
}

/** Of a cluster, an assignment and whatever else has a name. */
export const nameOf = (resource: Json): string => {
  const { name, cluster_name } = resource as { readonly name?: string; readonly cluster_name?: string };
  return name ?? cluster_name ?? '';
};
