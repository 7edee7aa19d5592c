import type { Clock } from '../clock.ts';
import { ApiError } from './api-error.ts';
import type { ClusterClient } from './client.ts';

/** What of a Lease matters here; all else goes back as it came. */
interface Lease {
  readonly metadata: { readonly resourceVersion?: string };
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly leaseTransitions?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
  };
}

export interface LeaderElectionOptions {
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** Who asks: of all replicas no two have the same. */
  readonly identity: string;
  /** From 0 to 1, so that replicas do not ask all at once. */
  readonly random: () => number;
  /** Called when this replica becomes the leader, or is it no more. */
  readonly onChange: (isLeader: boolean) => void;
  /** Called with why the Lease cannot be read or written, each time. */
  readonly onError: (error: unknown) => void;
}

/** One of several replicas that agree by a Lease which of them writes. */
export interface LeaderElection {
  /** Whether this replica may write now. Asked before each write: a replica that stood still has lost the Lease before any timer told it so. */
  isLeader(): boolean;
  /** Asks no more, and gives the Lease back, so that another takes it at once. Never rejects. */
  stop(): Promise<void>;
}

/** For so long others leave a Lease to who holds it, from when they saw it change. */
export const leaseMs = 15_000;
/** A leader whose last renewal is so old writes no more: well before another takes over. */
const renewWithinMs = 10_000;
const retryMs = 2000;
/** A request that takes longer has failed. */
const requestMs = 5000;

/**
 * Takes part from now on. The clocks of replicas need not agree: each measures with its own how long ago it saw the Lease change.
 * @see https://kubernetes.io/docs/concepts/architecture/leases/
 */
export function startLeaderElection(client: Pick<ClusterClient, 'ask'>, clock: Clock, options: LeaderElectionOptions): LeaderElection {
  const { namespace, name, identity, random, onChange, onError } = options;
  const collection = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  let lease: Lease | undefined;
  /** When `lease` was seen to be another than before. */
  let changedAt = clock.steady();
  /** From when on the Lease is ours: the moment before the request. Undefined: it is not ours. */
  let renewedAt: number | undefined;
  let wasLeader = false;
  let isStopped = false;
  let cancel = (): void => undefined;

  const isLeader = (): boolean => renewedAt !== undefined && clock.steady() - renewedAt < renewWithinMs;

  function tell(): void {
    const is = isLeader();
    if (is === wasLeader) return;
    wasLeader = is;
    onChange(is);
  }

  function noteRead(read: Lease | undefined): void {
    if (read?.metadata.resourceVersion !== lease?.metadata.resourceVersion) changedAt = clock.steady();
    lease = read;
  }

  /** Whether somebody else may still believe to hold it. */
  function isHeldByOther(): boolean {
    const { holderIdentity = '', leaseDurationSeconds = leaseMs / 1000 } = lease?.spec ?? {};
    return holderIdentity !== '' && holderIdentity !== identity && clock.steady() - changedAt < leaseDurationSeconds * 1000;
  }

  async function read(): Promise<void> {
    const answer = client.ask({ path: `${collection}/${name}`, timeoutMs: requestMs });
    noteRead(
      (await answer.catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      })) as Lease | undefined,
    );
  }

  /** Refused where somebody else wrote since the Lease was read. @param holder `''`: nobody. */
  async function write(holder: string): Promise<void> {
    const body = { ...lease, spec: nextSpec(lease?.spec, holder, clock.now()) };
    const request = lease
      ? ({ method: 'PUT', path: `${collection}/${name}`, body } as const)
      : ({
          method: 'POST',
          path: collection,
          body: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace }, spec: body.spec },
        } as const);
    noteRead((await client.ask({ ...request, query: { fieldManager: 'sluice' }, timeoutMs: requestMs })) as Lease);
  }

  async function attempt(): Promise<void> {
    // Who holds it need not read it first: a write that fails says that it is another's by now.
    if (renewedAt === undefined) {
      await read();
      if (isHeldByOther()) return;
    }
    const askedAt = clock.steady();
    try {
      await write(identity);
      renewedAt = askedAt;
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== 409 && error.status !== 404)) throw error;
      renewedAt = undefined;
    }
  }

  async function turn(): Promise<void> {
    // A leader that hangs is told that it is none before its request ends.
    const sinceRenewed = renewedAt === undefined ? 0 : clock.steady() - renewedAt;
    const cancelWatch = renewedAt === undefined ? () => undefined : clock.after(Math.max(0, renewWithinMs - sinceRenewed), tell);
    try {
      await attempt();
    } catch (error) {
      if (!isLeader()) renewedAt = undefined;
      if (!isStopped) onError(error);
    } finally {
      cancelWatch();
    }
    tell();
    if (!isStopped) cancel = clock.after(retryMs * (1 + random() / 5), next);
  }

  let running = turn();
  function next(): void {
    running = turn();
  }

  return {
    isLeader,
    async stop() {
      isStopped = true;
      cancel();
      await running;
      if (!isLeader()) return;
      renewedAt = undefined;
      tell();
      // Whoever waits takes it a little later where this fails.
      await write('').catch(() => undefined);
    },
  };
}

function nextSpec(spec: Lease['spec'], holder: string, now: number): Lease['spec'] {
  const time = `${new Date(now).toISOString().slice(0, -1)}000Z`;
  const isSame = spec?.holderIdentity === holder;
  return {
    ...spec,
    holderIdentity: holder,
    leaseDurationSeconds: holder === '' ? 1 : leaseMs / 1000,
    acquireTime: isSame ? (spec?.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: (spec?.leaseTransitions ?? 0) + (isSame || holder === '' || spec === undefined ? 0 : 1),
  };
}
