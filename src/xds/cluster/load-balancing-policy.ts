import type { Backend, LoadBalancer, SlowStart } from '../../ir/backend.ts';
import { type Message, typed } from '../../proto/message.ts';
import { duration, uint32 } from '../../proto/values.ts';
import { hashPolicy } from '../hash-policy.ts';

type LoadBalancingPolicy = Message<'envoy.config.cluster.v3.LoadBalancingPolicy'>;

/** As many points for each endpoint as keep shares within a few percent, also with two endpoints. Envoy's own, written down. */
const minimumRingSize = 1024;

/**
 * How an endpoint is chosen.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers
 */
export function loadBalancingPolicy(backend: Backend): LoadBalancingPolicy {
  const extension = extensionOf(backend);
  return { policies: [{ typed_extension_config: extension }] };
}

function extensionOf({ loadBalancer, slowStart, preferLocalZone }: Backend): Message<'envoy.config.core.v3.TypedExtensionConfig'> {
  const locality = preferLocalZone ? { locality_lb_config: localZoneFirst(slowStart?.by === 'Sluice') } : {};
  const slow = slowStart?.by === 'Envoy' ? { slow_start_config: slowStartConfig(slowStart) } : {};
  switch (loadBalancer.type) {
    case 'RoundRobin':
      return {
        name: 'envoy.load_balancing_policies.round_robin',
        typed_config: typed('envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin', { ...slow, ...locality }),
      };
    case 'LeastRequest':
      return {
        name: 'envoy.load_balancing_policies.least_request',
        typed_config: typed('envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest', {
          choice_count: uint32(loadBalancer.choices ?? 2),
          ...slow,
          ...locality,
        }),
      };
    case 'Random':
      return {
        name: 'envoy.load_balancing_policies.random',
        typed_config: typed('envoy.extensions.load_balancing_policies.random.v3.Random', locality),
      };
    case 'RingHash':
      return {
        name: 'envoy.load_balancing_policies.ring_hash',
        typed_config: typed('envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash', {
          minimum_ring_size: { value: String(minimumRingSize) },
          ...hashing(loadBalancer),
        }),
      };
    case 'Maglev':
      return {
        name: 'envoy.load_balancing_policies.maglev',
        typed_config: typed('envoy.extensions.load_balancing_policies.maglev.v3.Maglev', hashing(loadBalancer)),
      };
  }
}

/**
 * What is hashed stands in the cluster and not in its routes: a route that leads to several backends has one list for all of them,
 * and needs it for itself where its split is sticky.
 */
function hashing({ hashOn }: LoadBalancer) {
  return { consistent_hashing_lb_config: { hash_policy: hashOn.map(hashPolicy) } };
}

/**
 * All requests to endpoints of Envoy's own zone while one of them is healthy. Envoy knows its zone from `node.locality.zone`, and
 * does this only where its bootstrap names a local cluster (`cluster_manager.local_cluster_name`) with an endpoint in that zone, as
 * those of `sluice bootstrap` do;
 * without it zones make no difference. Envoy would leave clusters of fewer than six endpoints alone, which is most of them.
 * @param isWarmedUp whether weights tell how warm endpoints are: then an Envoy without endpoints in its zone shares by them, not by heads.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/zone_aware
 */
function localZoneFirst(isWarmedUp: boolean): Message<'envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig'> {
  return {
    zone_aware_lb_config: {
      min_cluster_size: { value: '1' },
      force_local_zone: { min_size: { value: 1 } },
      ...(isWarmedUp ? { locality_basis: 'HEALTHY_HOSTS_WEIGHT' } : {}),
    },
  };
}

function slowStartConfig({ windowMs, aggression, minWeightPercent }: SlowStart): Message<'envoy.extensions.load_balancing_policies.common.v3.SlowStartConfig'> {
  return {
    slow_start_window: duration(windowMs),
    // The message must name a runtime key; nobody sets it. 1 is what Envoy does without the message.
    ...(aggression === 1 ? {} : { aggression: { default_value: aggression, runtime_key: 'sluice.slow_start.aggression' } }),
    min_weight_percent: { value: minWeightPercent },
  };
}
