import type { Access } from '../ads/access.ts';
import type { AdsServer } from '../ads/server.ts';
import type { NodeStatus } from '../ads/stream/status.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { DiagnosticAge, Engine } from '../engine/engine.ts';
import type { Group } from '../ir/gateway.ts';
import type { AwayEnvoys } from '../load/away-envoys.ts';
import type { LatencyLedger } from '../load/latency-ledger.ts';
import type { LoadLedger } from '../load/ledger.ts';
import type { SplitLoad } from '../load/split-loads.ts';
import type { SplitRow } from '../load/split-rows.ts';
import type { SplitTimes } from '../load/split-times.ts';
import type { Snapshot } from '../resource.ts';
import type { History } from '../revision/history.ts';
import type { EndpointLag } from '../status/endpoint-lag.ts';
import type { EnvoyAdmins } from '../status/envoy-admins.ts';
import type { SourceState } from '../store/store.ts';
import type { StoreView } from '../store/view.ts';

/** Everything that the API answers from: the engine and the streams of a server, or one build of a folder. */
export interface Served {
  view(): StoreView;
  sources(): readonly SourceState[];
  diagnostics(age?: DiagnosticAge): readonly Diagnostic[];
  /** Names of all groups, sorted. */
  groups(): readonly string[];
  group(name: string): Group | undefined;
  /** What a group is served. */
  snapshot(group: string): Snapshot | undefined;
  /** The same as its revision has it: with the shares of routes as they are written, whatever lives. */
  written(group: string): Snapshot | undefined;
  /** How endpoints warm up now; undefined where there is no server: nobody knows their ages. */
  readonly warmUps?: Engine['warmUps'];
  /** Undefined: nobody knows. */
  readonly idlePools?: Engine['idlePools'];
  /** Every stream; empty where there is no server. */
  nodes(): readonly NodeStatus[];
  /** Whether every source has listed and a build is done. */
  isReady(): boolean;
  /** By which rules Envoys get in; undefined where there is no server. */
  readonly access?: () => Access;
  /** What is there of requests that are not whole yet; undefined where there is no server. */
  readonly unfinished?: AdsServer['unfinished'];
  /** What Envoys refuse; undefined where there is no server. */
  readonly refusals?: AdsServer['refusals'];
  /** How long changed endpoints take to the Envoys of each group; undefined where there is no server. @param nodes every stream, where they were asked for already. */
  readonly endpointLag?: (nodes?: readonly NodeStatus[]) => readonly EndpointLag[];
  /** Which endpoints Envoys leave out, of those whose admin pages are asked; undefined where there is no server. */
  readonly outEndpoints?: EnvoyAdmins['out'];
  /** Requests to the clusters of splits, for metrics; undefined where there is no server. */
  readonly splitLoads?: () => readonly SplitLoad[];
  /** The splits of all groups; undefined where there is no server. */
  readonly splits?: () => readonly SplitRow[];
  /** What the Envoys have and do; undefined where there is no server. */
  readonly envoys?: ServedEnvoys;
  /** Undefined where there is no server: a folder has no past. */
  readonly history?: ServedHistory;
  /** Undefined where there is no server: of a folder nothing is held. */
  readonly release?: ServedReleases;
}

/** What Envoys have acknowledged, and what they report of their requests. */
interface ServedEnvoys {
  readonly holders: AdsServer['holders'];
  readonly load: LoadLedger;
  readonly latency: LatencyLedger;
  readonly times: SplitTimes;
  readonly away: Pick<AwayEnvoys, 'of'>;
  /** What the objects ask for, see `Engine.newest`. */
  readonly newest: Engine['newest'];
}

/** What of the revisions is served, and what people may do about it. */
export type ServedReleases = Pick<Engine, 'releases' | 'servesStored' | 'commands'>;

/** What is told of a history. */
export type ServedHistory = Pick<History, 'opened' | 'records' | 'load' | 'usage' | 'place' | 'keepsSecrets'>;
