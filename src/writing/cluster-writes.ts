import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { ClusterClient } from '../kubernetes/client.ts';
import { startLeaderElection } from '../kubernetes/lease.ts';

/** Something that Sluice writes to the cluster, by one of its replicas at a time. */
export interface ClusterWriter {
  /** Something may be different: cheap, called for everything that happens, whether this replica leads or not. */
  touch(): void;
  /** This replica leads from now on: what was written before may have been changed by another one. */
  lead(): void;
  /** It leads no more, or the server stops: begins no further request. What is under way may be awaited. */
  rest(): Promise<void>;
}

/** What writers are made with. */
export interface WriterContext {
  readonly client: ClusterClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** Asked before each request that writes: see `LeaderElection.isLeader`. */
  readonly mayWrite: () => boolean;
}

export interface ClusterWritesOptions {
  readonly client: ClusterClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of this replica, among all. Undefined: the name of the pod or the machine, and something that nobody else has. */
  readonly identity?: string;
  /** What is written. */
  readonly writers: (context: WriterContext) => readonly ClusterWriter[];
  /** Told when this replica becomes the leader, or is it no more. Undefined: nobody is told. */
  readonly onLeader?: (isLeader: boolean) => void;
}

/** Everything that is written to a cluster. */
export interface ClusterWrites {
  touch(): void;
  /** Whether this replica writes now. */
  isLeader(): boolean;
  /** Who does. Undefined: nobody, or nobody knows. */
  leader(): string | undefined;
  /** Ends what is under way and lets another replica lead. */
  stop(): Promise<void>;
}

/** Name of the Lease, in the namespace of the server. */
const leaseName = 'sluice';

/** Replicas agree by a Lease which of them writes, from now on; every one of them serves Envoys. */
export function startClusterWrites(options: ClusterWritesOptions): ClusterWrites {
  const { client, clock, log, onLeader } = options;
  const identity = options.identity ?? `${process.env['POD_NAME'] || hostname()}_${randomBytes(4).toString('hex')}`;
  const writers = options.writers({ client, clock, log, mayWrite: () => election.isLeader() });
  let lastError = '';
  const election = startLeaderElection(client, clock, {
    namespace: client.namespace,
    name: leaseName,
    identity,
    random: Math.random,
    onChange(isLeader) {
      lastError = '';
      log.info({ identity, lease: `${client.namespace}/${leaseName}` }, isLeader ? 'this replica writes to the cluster' : 'this replica writes no more');
      onLeader?.(isLeader);
      for (const writer of writers) {
        if (isLeader) writer.lead();
        else void writer.rest();
      }
    },
    onError(error) {
      const message = error instanceof Error ? error.message : String(error);
      // Asked every two seconds: the same words once.
      if (message !== lastError) log.warn({ lease: `${client.namespace}/${leaseName}`, reason: message }, 'who writes to the cluster cannot be agreed on');
      lastError = message;
    },
  });
  return {
    touch() {
      for (const writer of writers) writer.touch();
    },
    isLeader: election.isLeader,
    leader: election.holder,
    async stop() {
      await Promise.all(writers.map((writer) => writer.rest()));
      await election.stop();
      client.close();
    },
  };
}
