import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { ReportedRefusal } from '../ads/refusal/reported-refusal.ts';
import type { Clock } from '../clock.ts';
import type { Facts } from '../conditions/facts.ts';
import { joinedGroups } from '../conditions/joined-groups.ts';
import type { ClusterClient } from '../kubernetes/client.ts';
import { startLeaderElection } from '../kubernetes/lease.ts';
import type { LiveObjects } from '../kubernetes/live-objects.ts';
import { reasonOf } from '../reason.ts';
import type { IngressSettings } from '../settings.ts';
import { followPublishedAddresses } from './published-addresses.ts';
import type { ReplicaReport } from './replica-report.ts';
import { type ReplicaReportsOptions, startReplicaReports } from './replica-reports.ts';
import { isSameFacts } from './same-facts.ts';

/** Something that Sluice writes to the cluster, by one of its replicas at a time. */
export interface ClusterWriter {
  /** Something may be different: cheap, called for everything that happens, whether this replica leads or not. */
  touch(): void;
  /** This replica leads from now on: what was written before may have been changed by another one. */
  lead(): void;
  /** It leads no more, or the server stops: begins no further request. What is under way may be awaited. */
  rest(): Promise<void>;
}

/** Something was written, or found to be written already. */
interface ClusterWrite {
  readonly what: 'status' | 'event';
  readonly kind: string;
  /** `gone`: the object is deleted. */
  readonly result: 'written' | 'unchanged' | 'gone' | 'failed';
}

/** What writers are made with. */
export interface WriterContext extends Pick<ClusterState, 'namespaces' | 'live' | 'onWrite'> {
  /** What is known of the objects; the same object while it is the same. Undefined: nothing yet. */
  readonly facts: () => Facts | undefined;
  readonly client: ClusterClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** Asked before each request that writes: see `LeaderElection.isLeader`. */
  readonly mayWrite: () => boolean;
  /** Of this replica, among all. */
  readonly identity: string;
}

/** What is written of. */
export interface ClusterState {
  /** Namespaces that are read; empty: all. */
  readonly namespaces: readonly string[];
  /** The objects whose status is written, as the source hears of them. */
  readonly live: LiveObjects;
  readonly ingress: Partial<IngressSettings>;
  /**
   * What is known of the objects, and of the Envoys of this replica; without addresses. Undefined: nothing yet.
   * @param refusals what Envoys of other replicas refuse.
   */
  readonly known: (refusals: readonly ReportedRefusal[]) => Omit<Facts, 'addresses' | 'ingress'> | undefined;
  /** What this replica reports to others. */
  readonly report: () => ReplicaReport;
  /** How old endpoints are, which it tells others. */
  readonly ages: ReplicaReportsOptions['ages'];
  /** Takes what others tell of that. */
  readonly agreeOnAges: ReplicaReportsOptions['agreeOnAges'];
  /** Told of each request that writes. */
  readonly onWrite: (write: ClusterWrite) => void;
}

export interface ClusterWritesOptions {
  readonly client: ClusterClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of this replica, among all. Undefined: the name of the pod or the machine, and something that nobody else has. */
  readonly identity?: string;
  readonly state: ClusterState;
  /** What is written. */
  readonly writers: (context: WriterContext) => readonly ClusterWriter[];
  /** Told when this replica becomes the leader, or is it no more. Undefined: nobody is told. */
  readonly onLeader?: (isLeader: boolean) => void;
}

/** Everything that is written to a cluster. */
export interface ClusterWrites {
  touch(): void;
  /** Ends what is under way and lets another replica lead. */
  stop(): Promise<void>;
}

/** Name of the Lease, in the namespace of the server. */
const leaseName = 'sluice';

/** Replicas agree by a Lease which of them writes, from now on; every one of them serves Envoys. */
export function startClusterWrites(options: ClusterWritesOptions): ClusterWrites {
  const { client, clock, log, onLeader } = options;
  const { namespaces, live, ingress, known, report, ages, agreeOnAges, onWrite } = options.state;
  const identity = options.identity ?? `${process.env['POD_NAME'] || hostname()}_${randomBytes(4).toString('hex')}`;
  const lease = `${client.namespace}/${leaseName}`;
  const tellOnce = createTellOnce(log);
  const touch = (): void => {
    reports.touch();
    for (const writer of writers) writer.touch();
  };
  const addresses = followPublishedAddresses(client, clock, ingress, touch, (error) =>
    tellOnce(`the Service ${ingress.publishService}, by which clients find the Envoys, cannot be read`, error),
  );
  let last: Facts | undefined;
  const facts = (): Facts | undefined => {
    const others = reports.others();
    const found = known(others.flatMap(({ refusals }) => refusals));
    if (!found) return undefined;
    const theirs = others.map(({ groups }) => groups);
    const published = addresses.now();
    const now: Facts = { ...found, groups: joinedGroups(found.groups, theirs), ingress, ...(published && { addresses: published }) };
    if (!last || !isSameFacts(last, now)) last = now;
    return last;
  };
  const reports = startReplicaReports(client, clock, {
    identity,
    own: report,
    ages,
    agreeOnAges,
    onChange: touch,
    onError: (error) => tellOnce('what replicas know of their Envoys cannot be exchanged', error),
  });
  const writers = options.writers({ client, clock, log, namespaces, live, facts, onWrite, identity, mayWrite: () => election.isLeader() });
  const election = startLeaderElection(client, clock, {
    namespace: client.namespace,
    name: leaseName,
    identity,
    random: Math.random,
    onChange(isLeader) {
      log.info({ identity, lease }, isLeader ? 'this replica writes to the cluster' : 'this replica writes no more');
      onLeader?.(isLeader);
      if (isLeader) reports.lead();
      else reports.follow();
      for (const writer of writers) {
        if (isLeader) writer.lead();
        else void writer.rest();
      }
    },
    onError: (error) => tellOnce(`the Lease ${lease}, by which replicas agree on who writes to the cluster, cannot be used`, error),
  });
  return {
    touch,
    async stop() {
      addresses.stop();
      await Promise.all([reports.stop(), ...writers.map((writer) => writer.rest())]);
      await election.stop();
      client.close();
    },
  };
}

/** Tells of what fails again and again: the same words once. */
function createTellOnce(log: Logger): (what: string, error: unknown) => void {
  const told = new Map<string, string>();
  return (what, error) => {
    const reason = reasonOf(error);
    if (told.get(what) !== reason) log.warn({ reason }, what);
    told.set(what, reason);
  };
}
