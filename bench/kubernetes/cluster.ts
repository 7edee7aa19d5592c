import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { type ClusterClient, createClusterClient } from '../../src/kubernetes/client.ts';
import { pathOf } from '../../src/kubernetes/discovery.ts';
import { startApiServer } from '../../test/apiserver/apiserver.ts';
import { type ClusterObject, namespace } from './objects.ts';

/** A real API server with what a bench needs around it. `await using` ends it. */
export interface BenchCluster extends AsyncDisposable {
  /** May do everything. */
  readonly client: ClusterClient;
  /** Kubeconfig of the account that Sluice has: what it asks is written down. */
  readonly kubeconfig: string;
  /** Creates objects, many at a time. */
  create(objects: readonly ClusterObject[]): Promise<void>;
  /** How often the account of Sluice asked what so far. */
  requests(): Promise<Requests>;
  /** How often it wrote the status of each object so far, by `PLURAL NAMESPACE/NAME`. */
  statusWrites(): Promise<Readonly<Record<string, number>>>;
}

/** Number of requests by `VERB RESOURCE`, `patch ingresses/status` for one. */
export type Requests = Readonly<Record<string, number>>;

const parallel = 32;
const account = 'sluice';

/** @param folder takes what the cluster writes. */
export async function startBenchCluster(folder: string): Promise<BenchCluster> {
  const audit = { policy: join(folder, 'audit-policy.json'), log: join(folder, 'audit.log') };
  await writeFile(audit.policy, JSON.stringify(auditPolicy));
  const server = await startApiServer({ flags: [`--audit-policy-file=${audit.policy}`, `--audit-log-path=${audit.log}`], within: folder });
  const client = createClusterClient({ kubeconfig: server.kubeconfig }, systemClock);
  async function create(objects: readonly ClusterObject[]): Promise<void> {
    const waiting = objects.values();
    // All take from the same iterator.
    await Promise.all(
      Array.from({ length: parallel }, async () => {
        for (const object of waiting) await client.ask({ method: 'POST', path: pathOf(resourceOf(object), object.metadata.namespace), body: object });
      }),
    );
  }
  /** Each request once, as what it is called. */
  async function counted(nameOf: (event: AuditEvent) => string | undefined): Promise<Readonly<Record<string, number>>> {
    const found = new Map<string, string>();
    for (const line of (await readFile(audit.log, 'utf8').catch(() => '')).split('\n')) {
      if (line === '') continue;
      const event = JSON.parse(line) as AuditEvent;
      const name = nameOf(event);
      if (name !== undefined) found.set(event.auditID, name);
    }
    const counts: Record<string, number> = {};
    for (const what of [...found.values()].sort()) counts[what] = (counts[what] ?? 0) + 1;
    return counts;
  }
  await create([named('v1', 'Namespace', namespace)]);
  await create([{ ...named('v1', 'ServiceAccount', account), metadata: { name: account, namespace } }, mayDoAll]);
  return {
    client,
    kubeconfig: server.kubeconfigFor(await server.serviceAccountToken(namespace, account)),
    create,
    requests: () =>
      counted(({ verb, objectRef, requestURI }) => {
        if (objectRef?.resource === undefined) return `${verb} ${requestURI}`;
        return `${verb} ${[objectRef.resource, ...(objectRef.subresource ? [objectRef.subresource] : [])].join('/')}`;
      }),
    statusWrites: () =>
      counted(({ verb, objectRef, responseStatus }) => {
        const isWritten = verb === 'patch' && objectRef?.subresource === 'status' && responseStatus?.code === 200;
        return isWritten ? `${objectRef.resource} ${objectRef.namespace ?? ''}/${objectRef.name}` : undefined;
      }),
    async [Symbol.asyncDispose]() {
      client.close();
      await server.close();
    },
  };
}

/** What was asked since. */
export function requestsSince(before: Requests, after: Requests): Requests {
  return Object.fromEntries(Object.entries(after).flatMap(([what, count]) => (count > (before[what] ?? 0) ? [[what, count - (before[what] ?? 0)]] : [])));
}

/** Those by which something is written. */
const writing = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** How many requests are of some verbs; undefined: of those that write. */
export function countOf(requests: Requests, verbs: readonly string[] = writing): number {
  return Object.entries(requests).reduce((sum, [what, count]) => sum + (verbs.includes(what.split(' ')[0] ?? '') ? count : 0), 0);
}

/** One line of the audit log. @see https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ */
interface AuditEvent {
  /** The same in all stages of a request. */
  readonly auditID: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code: number };
}

const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', users: [`system:serviceaccount:${namespace}:${account}`] }, { level: 'None' }],
};

const named = (apiVersion: string, kind: string, name: string): ClusterObject => ({ apiVersion, kind, metadata: { name } });

const mayDoAll = {
  ...named('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', account),
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'ServiceAccount', namespace, name: account }],
};

const resourceOf = ({ apiVersion, kind }: ClusterObject) => ({ apiVersion, plural: `${kind.toLowerCase()}${kind.endsWith('ss') ? 'es' : 's'}` });
