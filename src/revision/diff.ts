import type { Group } from '../ir/gateway.ts';
import { toEnvoyJson } from '../proto/codec.ts';
import { messageNameOf, type Resource, type ResourceMap, type Snapshot } from '../resource.ts';
import type { Work } from '../work.ts';
import type { IdleTime } from './cold-clusters.ts';
import type { YoungEndpoint } from './consequences.ts';
import { type EndpointChange, endpointChanges } from './endpoint-diff.ts';
import { type FieldChange, fieldChanges } from './field-change.ts';
import { type HostChange, type RouteChange, routeChanges } from './route-diff.ts';

/** A listener, cluster or secret that differs. */
export interface ResourceChange {
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Of what changed; empty for a secret, of which nothing more is told. */
  readonly fields: readonly FieldChange[];
}

/** What differs between two configurations of a group, in the words of Envoy. */
export interface RevisionDiff {
  readonly listeners: readonly ResourceChange[];
  /** Virtual hosts, and route configurations as a whole. */
  readonly hosts: readonly HostChange[];
  readonly routes: readonly RouteChange[];
  readonly clusters: readonly ResourceChange[];
  readonly secrets: readonly ResourceChange[];
  /** Of clusters that both have. Empty between revisions of a history, of which endpoints are no part. */
  readonly endpoints: readonly EndpointChange[];
}

/** One side of a comparison. */
export interface Side {
  /** Undefined: the group is not there. */
  readonly snapshot?: Snapshot | undefined;
  /** What it was made from, for the origins of routes. */
  readonly representation?: Group | undefined;
  /** By cluster, the endpoints whose window is not over now. Undefined: nobody knows. */
  readonly young?: ReadonlyMap<string, readonly YoungEndpoint[]>;
  /** By cluster, of those that no route sends requests to now. Undefined: nobody knows. */
  readonly idle?: ReadonlyMap<string, IdleTime>;
}

/** Compares two configurations. Resources of the same version are not looked into. */
export function* diffOf(before: Side, after: Side): Work<RevisionDiff> {
  const mapOf = ({ snapshot }: Side, type: Resource['type']): ResourceMap => snapshot?.resources[type] ?? new Map();
  return {
    listeners: yield* resourceChanges(mapOf(before, 'listeners'), mapOf(after, 'listeners')),
    ...(yield* routeChanges(before, after)),
    clusters: yield* resourceChanges(mapOf(before, 'clusters'), mapOf(after, 'clusters')),
    secrets: yield* resourceChanges(mapOf(before, 'secrets'), mapOf(after, 'secrets')),
    endpoints: yield* endpointChanges(mapOf(before, 'endpoints'), mapOf(after, 'endpoints')),
  };
}

/** Whether nothing differs. */
export function isSame(diff: RevisionDiff): boolean {
  return Object.values(diff).every((changes: readonly unknown[]) => changes.length === 0);
}

function* resourceChanges(before: ResourceMap, after: ResourceMap): Work<readonly ResourceChange[]> {
  const found: ResourceChange[] = [];
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [old, next] = [before.get(name), after.get(name)];
    if (old?.version === next?.version) continue;
    if (!old) found.push({ name, change: 'added', fields: [] });
    else if (!next) found.push({ name, change: 'removed', fields: [] });
    else found.push({ name, change: 'changed', fields: next.type === 'secrets' ? [] : fieldChanges(jsonOf(old), jsonOf(next)) });
    yield;
  }
  return found;
}

function jsonOf({ type, bytes }: Resource) {
  return toEnvoyJson(messageNameOf(type), bytes);
}
