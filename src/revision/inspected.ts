import { type Decoded, decodeRaw } from '../proto/codec.ts';
import type { MessageName } from '../proto/message.ts';
import { ruleChecker, type Violation } from '../proto/rules.ts';
import { xdsCluster } from '../xds-cluster.ts';
import { addressesOfEndpoints, envoyRules } from './envoy-rules.ts';

/** What is found in an encoded message, in one walk through it. */
interface Inspected {
  readonly message: Decoded;
  /** For what Envoy would refuse it, as far as the message alone tells. */
  readonly violations: readonly Violation[];
  readonly names: Names;
}

/** What a message refers to, at any depth. */
interface Names {
  readonly secrets: ReadonlySet<string>;
  readonly clusters: ReadonlySet<string>;
  readonly routes: ReadonlySet<string>;
  /** Clusters that share the requests of a route with another cluster. */
  readonly splitClusters: ReadonlySet<string>;
}

let last: { readonly bytes: Uint8Array; readonly inspected: Inspected } | undefined;

/** What was looked at last is not looked at again: whoever checks a message then asks what it refers to. */
export function inspected(name: MessageName, bytes: Uint8Array): Inspected {
  if (last?.bytes !== bytes) last = { bytes, inspected: inspect(name, decodeRaw(name, bytes)) };
  return last.inspected;
}

/** Fields of these names hold the name of a cluster wherever they stand in a listener or in routes. */
const clusterFields = ['cluster', 'cluster_name', 'shadow_cluster'];
const wanted = new Set([...clusterFields, 'route_config_name', 'weighted_clusters', 'sds_config']);

const check = ruleChecker(envoyRules, wanted);
const assignment = 'envoy.config.endpoint.v3.ClusterLoadAssignment';
// Inside a cluster, an assignment may hold names for the resolver.
const checkAssignment = ruleChecker({ ...envoyRules, [assignment]: addressesOfEndpoints });

function inspect(name: MessageName, message: Decoded): Inspected {
  const names = { secrets: new Set<string>(), clusters: new Set<string>(), routes: new Set<string>(), splitClusters: new Set<string>() };
  const violations = (name === assignment ? checkAssignment : check)(name, message, (field, value, holder) => {
    if (field === 'sds_config') names.secrets.add(String(holder['name']));
    else if (field === 'route_config_name') names.routes.add(String(value));
    else if (field === 'weighted_clusters') addSplit(weightedNames(value), names);
    // The bootstrap has that one.
    else if (typeof value === 'string' && value !== '' && value !== xdsCluster) names.clusters.add(value);
  });
  return { message, violations, names };
}

function addSplit(shares: readonly string[], { clusters, splitClusters }: Record<'clusters' | 'splitClusters', Set<string>>): void {
  const isSplit = new Set(shares).size > 1;
  for (const name of shares) {
    clusters.add(name);
    if (isSplit) splitClusters.add(name);
  }
}

function weightedNames(weighted: unknown): readonly string[] {
  const clusters = (weighted as { clusters?: readonly { name?: string }[] }).clusters ?? [];
  return clusters.map(({ name }) => name ?? '').filter((name) => name !== '');
}
