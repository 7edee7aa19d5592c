import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ToldRefusal } from '../ads/refusal/refusals.ts';
import type { AdsObserver } from '../ads/stream/status.ts';
import type { Diagnostic, Severity } from '../diagnostic.ts';
import type { SplitLoad } from '../load/split-loads.ts';
import type { SplitBackendRow, SplitRow } from '../load/split-rows.ts';
import { type ResourceType, resourceTypes } from '../resource.ts';
import type { ReleaseNews } from '../revision/release-news.ts';
import type { ReleaseStatus } from '../revision/release-status.ts';
import type { EndpointLag } from './endpoint-lag.ts';

/** What is counted when someone asks for the metrics, not when it happens: the state of the sources and what they and the build complain about. */
interface MetricsState {
  sources(): readonly { readonly name: string; readonly ready: boolean; readonly objects: number }[];
  diagnostics(age?: 'recent'): readonly Diagnostic[];
  /** Undefined: there is none. */
  readonly history?: { usage(): { readonly revisions: number; readonly bytes: number } };
  /** Undefined: there is no server. */
  unfinished?(): { readonly bytes: number; readonly waiting: number };
  /** What Envoys refuse and is held back; undefined: there is no server. */
  refusals?(): readonly Pick<ToldRefusal, 'group' | 'type' | 'name' | 'piece'>[];
  /** Undefined: there is no server. */
  endpointLag?(): readonly EndpointLag[];
  /** Requests to the clusters of splits; undefined: there is no server. */
  splitLoads?(): readonly SplitLoad[];
  /** What these get; undefined: there is no server. */
  splits?(): readonly SplitRow[];
  /** Undefined: nothing is ever held. */
  readonly release?: { releases(): readonly ReleaseStatus[] };
}

/** Counts what happens, and prints it in the text format of Prometheus. Being an observer of the streams, it is handed to the ADS server as it is. */
export interface Metrics extends AdsObserver {
  /** Told of every build of the engine. */
  built(result: { readonly tookMs: number; readonly failed: boolean }): void;
  /** Told of what becomes of revisions. */
  released(group: string, news: Pick<ReleaseNews, 'type'>): void;
  /** Told of what is written to a cluster. */
  wroteToCluster(write: { readonly what: string; readonly kind: string; readonly result: string }): void;
  /** Told when this replica begins to write to the cluster, or ends. */
  leads(isLeader: boolean): void;
  /** Told of every failure to write the history. */
  historyFailed(): void;
  /** The text of `/metrics`. */
  render(state: MetricsState): Promise<string>;
  /** Content type of that text. */
  readonly contentType: string;
  /** Name, kind, labels and meaning of each metric of our own, in alphabetical order: the reference page is made from this. */
  describe(): readonly MetricDescription[];
}

export interface MetricDescription {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

/** How many times are kept until they are put in their buckets: one after the other costs less than each between other work. */
const mostLags = 4096;

/** More series would cost whoever scrapes them more than they say. */
const mostShares = 1000;

/** What was counted since the metrics were asked for last. */
interface Tally {
  pushes: number;
  bytes: number;
  resources: number;
  acks: number;
}

const createTally = (): Tally => ({ pushes: 0, bytes: 0, resources: 0, acks: 0 });

const severities = ['error', 'warning', 'info'] as const satisfies readonly Severity[];

/**
 * Makes the metrics with a registry of their own, so that several servers in one process (tests) do not share numbers.
 * @param process whether the metrics of the process (CPU, memory, event loop, garbage collection) are there as well.
 * @see https://prometheus.io/docs/practices/naming/
 */
export function createMetrics({ process = true }: { readonly process?: boolean } = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const described: MetricDescription[] = [];

  /** Keeps what the reference page says beside the metric itself. */
  function declare<Label extends string>(type: MetricDescription['type'], name: string, help: string, labelNames: readonly Label[] = []) {
    described.push({ name, type, labels: labelNames, help });
    return { name, help, labelNames: [...labelNames], registers };
  }
  const counter = <Label extends string>(name: string, help: string, labels?: readonly Label[]) => new Counter(declare('counter', name, help, labels));
  const gauge = <Label extends string>(name: string, help: string, labels?: readonly Label[]) => new Gauge(declare('gauge', name, help, labels));

  const streams = gauge('sluice_streams', 'Open streams.', ['group', 'protocol']);
  const refusedStreams = counter('sluice_streams_refused_total', 'Streams that Sluice ended, by gRPC status; not those that end because Sluice stops.', [
    'code',
  ]);
  const refusedConnections = counter(
    'sluice_connections_refused_total',
    'xDS connections that ended before a stream: TLS handshakes that failed, or a limit.',
    ['reason'],
  );
  const unfinishedBytes = gauge('sluice_unfinished_request_bytes', 'Size of the requests of which a part has come.');
  const waitingRequests = gauge('sluice_waiting_requests', 'Clients that wait until there is room for their request.');
  const pushes = counter('sluice_pushes_total', 'Answers written to streams.', ['type']);
  const pushedBytes = counter('sluice_push_bytes_total', 'Bytes of these answers.', ['type']);
  const pushedResources = counter('sluice_push_resources_total', 'Resources in these answers, removals not counted.', ['type']);
  const acks = counter('sluice_acks_total', 'Answers that Envoys acknowledged.', ['type']);
  const nacks = counter('sluice_nacks_total', 'Answers that Envoys refused.', ['type']);
  const refused = gauge(
    'sluice_refused',
    'Resources, and pieces of route configurations, that Envoys of at least one version refuse and that are held back from these now.',
    ['group', 'type'],
  );
  const builds = new Histogram({
    ...declare('histogram', 'sluice_build_seconds', 'Time from objects to encoded resources, for one build of all groups.'),
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  const failedBuilds = counter('sluice_build_failures_total', 'Builds that ended by a bug of Sluice; what was served before goes on being served.');
  const endpointAcks = new Histogram({
    ...declare(
      'histogram',
      'sluice_endpoint_ack_seconds',
      'Time from the event of changed endpoints in their source to the ACK of an Envoy that had older ones, with the time it waited behind an answer without ACK.',
    ),
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
  });
  const endpointLag = gauge(
    'sluice_endpoint_lag_seconds',
    'Time from the event of changed endpoints in their source until the slowest Envoy of the group had them, of the newest changes.',
    ['group', 'quantile'],
  );
  const sourceReady = gauge('sluice_source_ready', '1 once the source has given its first full list.', ['source']);
  const sourceObjects = gauge('sluice_source_objects', 'Objects that the source holds.', ['source']);
  const diagnostics = gauge('sluice_diagnostics', 'Diagnostics that stand now.', ['severity']);
  const held = gauge('sluice_held', '1 while the newest revision of the group is built and not served.', ['group', 'reason']);
  const pinned = gauge('sluice_pinned', '1 while the group is pinned.', ['group']);
  const switches = counter('sluice_revision_switches_total', 'How often a group got another revision, of all its Envoys.', ['group']);
  const clusterWrites = counter(
    'sluice_cluster_writes_total',
    'What was written to the cluster, or found to be written already (unchanged), by what it is, kind of its object, and result: written, unchanged, gone, failed.',
    ['what', 'kind', 'result'],
  );
  const leader = gauge('sluice_leader', '1 while this replica writes to the cluster.');
  const fuseTrips = counter('sluice_fuse_trips_total', 'Bulk changes that were held as they take away too much.', ['group']);
  const rollouts = counter('sluice_rollouts_total', 'Revisions that a few Envoys had first, and what became of them.', ['group', 'result']);
  const splitRequests = counter(
    'sluice_split_requests_total',
    'Requests (every try) to the clusters of splits, by what Envoys report; result is success or error.',
    ['group', 'cluster', 'result'],
  );
  const splitShares = gauge(
    'sluice_split_share',
    `Part of the requests of a route that its cluster shall get (wanted), has at most of the Envoys (acknowledged), and gets (measured, of the last minute), from 0 to 1; of at most ${mostShares} clusters of splits.`,
    ['group', 'route', 'cluster', 'number'],
  );
  const splitLatency = gauge(
    'sluice_split_latency_seconds',
    `How long requests of the last minute to the clusters of splits took, by the histograms of Envoys; of at most ${mostShares} clusters of splits.`,
    ['group', 'cluster', 'quantile'],
  );
  const historyRevisions = gauge('sluice_history_revisions', 'Revisions that the history keeps, of all groups.');
  const historyBytes = gauge('sluice_history_bytes', 'Bytes of their content, compressed.');
  const historyFailures = counter('sluice_history_write_failures_total', 'Failures to write to the state folder; serving goes on, and writing is tried again.');
  if (process) collectDefaultMetrics({ register: registry });

  const streamLabels = ({ group, protocol }: { group: string; protocol: string }) => ({ group, protocol });
  const typeLabel = (type: ResourceType) => ({ type });

  // To look up a label costs more than to count; and each change is a message and an ACK of every Envoy.
  const tallies = Object.fromEntries(resourceTypes.map((type) => [type, createTally()])) as Record<ResourceType, Tally>;
  let lagsMs: number[] = [];
  function takeLags(): void {
    for (const lagMs of lagsMs) endpointAcks.observe(lagMs / 1000);
    lagsMs = [];
  }
  function takeTallies(): void {
    for (const type of resourceTypes) {
      const tally = tallies[type];
      if (tally.pushes > 0) {
        pushes.inc(typeLabel(type), tally.pushes);
        pushedBytes.inc(typeLabel(type), tally.bytes);
        pushedResources.inc(typeLabel(type), tally.resources);
      }
      if (tally.acks > 0) acks.inc(typeLabel(type), tally.acks);
      tallies[type] = createTally();
    }
  }

  return {
    streamOpened: (node) => streams.inc(streamLabels(node)),
    streamClosed: (node) => streams.dec(streamLabels(node)),
    streamRefused: (code) => refusedStreams.inc({ code }),
    connectionRefused: (reason) => refusedConnections.inc({ reason }),
    pushed(_node, { type, bytes, resources }) {
      const tally = tallies[type];
      tally.pushes += 1;
      tally.bytes += bytes;
      tally.resources += resources;
    },
    acked(_node, { type, event }) {
      tallies[type].acks += 1;
      if (type !== 'endpoints' || event === undefined) return;
      lagsMs.push(event.agoMs);
      if (lagsMs.length >= mostLags) takeLags();
    },
    nacked: (_node, nack) => nacks.inc(typeLabel(nack.type)),
    built({ tookMs, failed }) {
      builds.observe(tookMs / 1000);
      if (failed) failedBuilds.inc();
    },
    released(group, { type }) {
      if (type === 'switched') switches.inc({ group });
      if (type === 'held') fuseTrips.inc({ group });
      if (type === 'tried') rollouts.inc({ group, result: 'tried' });
      if (type === 'onward') rollouts.inc({ group, result: 'onward' });
      if (type === 'refused') rollouts.inc({ group, result: 'back' });
    },
    wroteToCluster({ what, kind, result }) {
      clusterWrites.inc({ what, kind, result });
    },
    leads(isLeader) {
      leader.set(isLeader ? 1 : 0);
    },
    historyFailed: () => historyFailures.inc(),
    async render(state) {
      takeTallies();
      takeLags();
      // Reset, so that a source that is gone leaves no number behind.
      sourceReady.reset();
      sourceObjects.reset();
      for (const source of state.sources()) {
        sourceReady.set({ source: source.name }, source.ready ? 1 : 0);
        sourceObjects.set({ source: source.name }, source.objects);
      }
      const found = state.diagnostics('recent');
      for (const severity of severities) diagnostics.set({ severity }, found.filter((one) => one.severity === severity).length);
      held.reset();
      pinned.reset();
      for (const one of state.release?.releases() ?? []) {
        if (one.held) held.set({ group: one.group, reason: one.held.reason }, 1);
        if (one.pin) pinned.set({ group: one.group }, 1);
      }
      endpointLag.reset();
      for (const { group, p50Ms, p99Ms, maxMs } of state.endpointLag?.() ?? []) {
        for (const [quantile, lagMs] of Object.entries({ 0.5: p50Ms, 0.99: p99Ms, 1: maxMs })) endpointLag.set({ group, quantile }, lagMs / 1000);
      }
      refused.reset();
      for (const { group, type } of distinct(state.refusals?.() ?? [])) refused.inc({ group, type });
      splitRequests.reset();
      for (const { group, cluster, succeeded, failed } of state.splitLoads?.() ?? []) {
        splitRequests.inc({ group, cluster, result: 'success' }, succeeded);
        splitRequests.inc({ group, cluster, result: 'error' }, failed);
      }
      splitShares.reset();
      splitLatency.reset();
      for (const { group, route, backend } of sharesOf(state.splits?.() ?? [])) {
        const { cluster, wanted, acknowledged, measured } = backend;
        const numbers = { wanted, acknowledged: acknowledged[0]?.share, measured: measured?.share };
        for (const [number, share] of Object.entries(numbers)) if (share !== undefined) splitShares.set({ group, route, cluster, number }, share);
        const { p50Ms, p95Ms, p99Ms } = measured?.latency ?? {};
        for (const [quantile, latencyMs] of Object.entries({ 0.5: p50Ms, 0.95: p95Ms, 0.99: p99Ms }))
          if (latencyMs !== undefined) splitLatency.set({ group, cluster, quantile }, latencyMs / 1000);
      }
      const unfinished = state.unfinished?.() ?? { bytes: 0, waiting: 0 };
      unfinishedBytes.set(unfinished.bytes);
      waitingRequests.set(unfinished.waiting);
      const { revisions, bytes } = state.history?.usage() ?? { revisions: 0, bytes: 0 };
      historyRevisions.set(revisions);
      historyBytes.set(bytes);
      return registry.metrics();
    },
    contentType: registry.contentType,
    describe: () => [...described].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Each share of the splits, as many as a metric may have. */
function sharesOf(rows: readonly SplitRow[]): readonly { readonly group: string; readonly route: string; readonly backend: SplitBackendRow }[] {
  return rows.flatMap(({ group, route, backends }) => backends.map((backend) => ({ group, route, backend }))).slice(0, mostShares);
}

/** What several versions of Envoy refuse is held back once. */
function distinct<Refused extends Pick<ToldRefusal, 'group' | 'type' | 'name' | 'piece'>>(refusals: readonly Refused[]): Iterable<Refused> {
  return new Map(refusals.map((each) => [JSON.stringify([each.group, each.type, each.name, each.piece?.key]), each])).values();
}
