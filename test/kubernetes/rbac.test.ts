import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { parseAllDocuments } from 'yaml';
import { ownKinds } from '../../docs/own-kinds.ts';
import { type Server, startServer } from '../../src/server/server.ts';
import { defaultSettings } from '../../src/settings.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { tlsSecretYaml } from '../e2e/certificate.ts';
import { gatewayClassYaml, gatewayYaml, routeYaml, serviceYaml } from '../e2e/objects.ts';
import { waitFor } from '../e2e/wait.ts';
import { helm } from '../helm/helm.ts';
import { clusterOptions } from './cluster-server.ts';

const namespace = 'sluice-system';
const user = `system:serviceaccount:${namespace}:sluice`;

/** A line of the audit log. @see https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Event */
interface AuditEvent {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly objectRef?: { readonly apiGroup?: string; readonly resource?: string; readonly subresource?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

const auditPolicy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules: [{ level: 'Metadata' }] };

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

/** What the account of the server may do: `VERB GROUP/RESOURCE`. */
async function rightsOf(values: readonly string[]): Promise<readonly string[]> {
  const objects = parseAllDocuments(await helm('template', values)).flatMap((document) => (document.toJS() as Role | null) ?? []);
  const roles = objects.filter(({ kind, metadata }) => /^(Cluster)?Role$/.test(kind) && [`sluice-${namespace}`, 'sluice-leader'].includes(metadata.name));
  const rights = roles.flatMap(({ rules }) =>
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`))),
    ),
  );
  return [...new Set(rights)].toSorted();
}

describe('rights of the server in a real API server', { timeout: 1_200_000 }, () => {
  for (const [name, values, namespaces] of [
    ['in all of the cluster', [], []],
    ['in two namespaces', ['--set', 'server.namespaces={default}'], ['default', namespace]],
  ] as const) {
    test(`it uses every right that it has, and needs no other: ${name}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'sluice-rbac-'));
      const log = join(folder, 'audit.log');
      await writeFile(join(folder, 'policy.yaml'), JSON.stringify(auditPolicy));
      let cluster: ApiServer | undefined;
      const servers: Server[] = [];
      try {
        cluster = await startApiServer({ flags: [`--audit-policy-file=${join(folder, 'policy.yaml')}`, `--audit-log-path=${log}`] });
        await cluster.kubectl(['create', 'namespace', namespace]);
        await cluster.kubectl(['apply', '--server-side', '-f', '-'], await helm('template', values));
        const objects = [gatewayYaml, routeYaml('shop', { shop: 1 }), routeYaml('again', { absent: 1 }, '/again'), serviceYaml('shop', [])];
        await cluster.apply([...objects, ...ownKinds.map(({ example }) => example)].join('\n---\n'));
        // What it reads one by one: what an object refers to.
        await cluster.apply(await tlsSecretYaml('shop', ['shop.example']));
        await cluster.apply(`
apiVersion: v1
kind: ConfigMap
metadata: {name: prices-proto}
data: {prices.binpb: none}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  ingressClassName: sluice
  tls: [{hosts: [shop.example], secretName: shop}]
  defaultBackend: {service: {name: shop, port: {number: 80}}}
---${gatewayClassYaml}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: prices}
spec: {gatewayClassName: sluice, listeners: [{name: grpc, port: 81, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: prices}
spec: {parentRefs: [{name: prices}], hostnames: [prices.example], rules: [{backendRefs: [{name: shop, port: 80}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: shop}]
  validation: {hostname: shop.internal, wellKnownCACertificates: System}
`);
        // Without an address there is nothing to be written to an Ingress.
        const status = { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } };
        await cluster.kubectl(['patch', 'service', 'sluice-envoy', '-n', namespace, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
        const lines: string[] = [];
        const kubeconfig = cluster.kubeconfigFor(await cluster.serviceAccountToken(namespace, 'sluice'), undefined, namespace);
        // Two of them: what the one that does not write does is needed as well.
        for (let count = 0; count < 2; count++) {
          const server = await startServer({
            ...clusterOptions(kubeconfig, namespaces),
            settings: { ...defaultSettings, ingress: { publishService: `${namespace}/sluice-envoy` } },
            log: pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }),
          });
          servers.push(server);
          await waitFor('it is ready', async () => (await fetch(`http://${server.adminAddress}/readyz`)).status === 200, 60_000);
        }
        const rights = await rightsOf(values);
        const events = async (): Promise<readonly AuditEvent[]> => {
          const parsed = (await readFile(log, 'utf8')).split('\n').flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as AuditEvent] : []));
          return parsed.filter((event) => event.user.username === user && event.objectRef?.resource !== undefined);
        };
        const used = async (): Promise<readonly string[]> => {
          const all = (await events()).map(
            ({ verb, objectRef: { apiGroup = '', resource, subresource } = { resource: '' } }) =>
              `${verb} ${apiGroup}/${[resource, subresource ?? []].flat().join('/')}`,
          );
          return [...new Set(all)].toSorted();
        };
        const missing = async (): Promise<readonly string[]> => {
          const sofar = await used();
          return rights.filter((right) => !sofar.includes(right));
        };
        // What is wrong, is mended, and is wrong again makes a series of its Event.
        const told = async (object: string, reason: string): Promise<boolean> =>
          ((await cluster?.kubectl(['events', `--for=${object}`])) ?? '').includes(reason);
        await waitFor('the mistake is told', () => told('httproute/again', 'BackendNotFound'), 60_000);
        await cluster.apply(serviceYaml('absent', []));
        await waitFor('it is over', () => told('service/absent', 'NoEndpoints'), 60_000);
        await cluster.kubectl(['delete', 'service', 'absent']);
        await waitFor(
          'everything is written',
          async () => {
            assert.deepEqual(
              (await missing()).filter((right) => !right.startsWith('watch ')),
              [],
            );
            return true;
          },
          60_000,
        );
        // A watch is written down when it ends.
        await Promise.all(servers.splice(0).map((server) => server.stop()));
        await waitFor(
          'all that it did is written down',
          async () => {
            assert.deepEqual(await used(), rights);
            return true;
          },
          20_000,
        );
        const forbidden = (await events()).filter(({ annotations }) => annotations?.['authorization.k8s.io/decision'] === 'forbid');
        assert.deepEqual(forbidden, []);
        assert.deepEqual(
          lines.filter((line) => /forbid|may not be read/.test(line)),
          [],
        );
      } finally {
        await Promise.all(servers.map((server) => server.stop()));
        await cluster?.close();
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});
