import type { Answer } from '../../src/ads/stream/answer.ts';
import type { XdsRequest } from '../../src/ads/stream/request.ts';
import { decode } from '../../src/proto/codec.ts';
import { type Resource, typeUrls } from '../../src/resource.ts';
import { references } from '../../src/revision/references.ts';
import { createPeer, type PeerOptions, type XdsPeer } from './xds-peer.ts';

/**
 * A peer whose clusters warm as those of an Envoy do: a new or changed one waits for endpoints that come after it, for its
 * secrets, for its resolver and for its first health check; until then the old form serves, if there is one. While any cluster warms, nothing
 * is said of clusters: no ACK, no NACK, and not even the first question of a new stream.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/cluster_manager#cluster-warming
 */
export interface WarmingPeer {
  readonly held: XdsPeer['held'];
  readonly repeats: readonly string[];
  /** Names of the clusters that requests can go to. */
  readonly serving: ReadonlySet<string>;
  /** The first requests of a new stream. */
  connect(now: number): readonly XdsRequest[];
  receive(answer: Answer, now: number): readonly XdsRequest[];
  /** What the peer says because time passed. */
  pass(now: number): readonly XdsRequest[];
  /** When the peer has something to say by itself; undefined: never. */
  nextAt(): number | undefined;
  /**
   * Names of clusters that wait for endpoints, though they would take them as given up after 15 s. None while the peer starts
   * on a second stream: in delta it tells that it has endpoints, and not that a cluster changed after them.
   */
  waitingForEndpoints(): readonly string[];
}

/** Envoy's own limit for endpoints and secrets that do not come; a cluster goes live without them then. */
const fetchTimeoutMs = 15_000;

interface Warming {
  readonly cluster: Resource;
  readonly since: number;
  endpointsAt: number | undefined;
}

/** @param slowMs how long the first health check of a cluster takes, or the resolver of its names. */
export function createWarmingPeer(options: PeerOptions, slowMs: (cluster: Resource) => number): WarmingPeer {
  const peer = createPeer(options);
  const { held } = peer;
  const node = { id: options.id ?? 'peer', group: options.group ?? 'default', agent: 'envoy 1.40.0' };
  const serving = new Set<string>();
  const warming = new Map<string, Warming>();
  /** Until the clusters of the first answer are warm, listeners are not asked for, and nothing is withheld. */
  let isStarting = true;
  let hasClusters = false;
  let isFirst = true;
  let streams = 0;
  let heldBack: XdsRequest[] = [];

  /** When a cluster is warm, as far as that is known. */
  function warmAt({ cluster, since, endpointsAt }: Warming): number {
    const { hasHealthChecks, hasNames, givesUp } = traits(cluster);
    if (hasNames) return since + slowMs(cluster);
    const givenUpAt = givesUp ? since + fetchTimeoutMs : Number.POSITIVE_INFINITY;
    const hasSecrets = [...references(cluster).secrets].every((name) => held.secrets.has(name));
    const from = hasSecrets ? (endpointsAt ?? givenUpAt) : givenUpAt;
    return from + (hasHealthChecks ? slowMs(cluster) : 0);
  }

  /** Sends what may be said now, and keeps the rest. */
  function say(requests: readonly XdsRequest[]): readonly XdsRequest[] {
    const isHeldBack = ({ typeUrl }: XdsRequest): boolean => (isStarting ? typeUrl === typeUrls.listeners : typeUrl === typeUrls.clusters && warming.size > 0);
    const all = [...heldBack, ...requests];
    heldBack = all.filter(isHeldBack);
    // Of what it did not say in state of the world, a client says the newest only.
    if (options.protocol === 'sotw') heldBack = heldBack.slice(-1);
    const said = begun(all.filter((request) => !isHeldBack(request)));
    return said.map((request) => {
      if (!isFirst) return request;
      isFirst = false;
      return { ...request, node };
    });
  }

  /** The first question for clusters, where it was held back until there was something to reply to, is that reply. */
  function begun(requests: readonly XdsRequest[]): readonly XdsRequest[] {
    const [question, reply] = requests.filter(({ typeUrl }) => typeUrl === typeUrls.clusters);
    if (question?.protocol !== 'delta' || question.nonce !== '' || reply?.protocol !== 'delta') return requests;
    const initialVersions = Object.fromEntries([...held.clusters.values()].map(({ name, version }) => [name, version]));
    return requests.flatMap((request) => (request === question ? [] : request === reply ? [{ ...reply, initialVersions }] : [request]));
  }

  function pass(now: number, requests: readonly XdsRequest[] = []): readonly XdsRequest[] {
    for (const [name, each] of warming) {
      if (warmAt(each) > now) continue;
      warming.delete(name);
      serving.add(name);
    }
    if (hasClusters && warming.size === 0) isStarting = false;
    return say(requests);
  }

  function takeClusters(before: ReadonlyMap<string, Resource>, now: number): void {
    hasClusters = true;
    for (const [name, cluster] of held.clusters) {
      if (before.get(name)?.version !== cluster.version) warming.set(name, { cluster, since: now, endpointsAt: undefined });
    }
    for (const known of [serving, warming]) for (const name of known.keys()) if (!held.clusters.has(name)) known.delete(name);
  }

  return {
    held,
    repeats: peer.repeats,
    serving,
    connect(now) {
      heldBack = [];
      isFirst = true;
      streams += 1;
      return pass(now, peer.connect(warming.size > 0));
    },
    receive(answer, now) {
      const before = new Map(held.clusters);
      const requests = peer.receive(answer);
      if (answer.type === 'clusters') takeClusters(before, now);
      if (answer.type === 'endpoints') {
        // Told that there are none, Envoy waits no longer either.
        for (const name of [...answer.resources.map((resource) => resource.name), ...answer.removed]) {
          const each = warming.get(name);
          if (each) each.endpointsAt ??= now;
        }
      }
      return pass(now, requests);
    },
    pass,
    nextAt() {
      const times = [...warming.values()].map(warmAt).filter(Number.isFinite);
      return times.length > 0 ? Math.min(...times) : undefined;
    },
    waitingForEndpoints: () =>
      isStarting && options.protocol === 'delta' && streams > 1
        ? []
        : [...warming].filter(([, { cluster, endpointsAt }]) => endpointsAt === undefined && traits(cluster).givesUp).map(([name]) => name),
  };
}

interface Traits {
  readonly hasHealthChecks: boolean;
  /** Whether its endpoints are names, so that it waits for none to come. */
  readonly hasNames: boolean;
  /** Whether it goes on without endpoints after a while. */
  readonly givesUp: boolean;
}

const known = new WeakMap<Resource, Traits>();

function traits(cluster: Resource): Traits {
  let found = known.get(cluster);
  if (!found) {
    const { health_checks, load_assignment, eds_cluster_config } = decode('envoy.config.cluster.v3.Cluster', cluster.bytes);
    const hasNames = load_assignment !== undefined;
    found = {
      hasHealthChecks: (health_checks?.length ?? 0) > 0,
      hasNames,
      givesUp: !hasNames && eds_cluster_config?.eds_config?.initial_fetch_timeout === undefined,
    };
    known.set(cluster, found);
  }
  return found;
}
