import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { createChildren } from '../../src/launch/children.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { http } from '../e2e/client.ts';
import { freePort } from '../e2e/port.ts';
import { type RunningCommand, sluice, startSluice } from '../e2e/sluice.ts';
import { waitFor } from '../e2e/wait.ts';
import { helm } from '../helm/helm.ts';

const namespace = 'sluice-system';
const user = `system:serviceaccount:${namespace}:sluice`;

interface Container {
  readonly name: string;
  readonly args: readonly string[];
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
}

/** An object, as far as these tests read it. */
interface Live {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid: string; readonly generation?: number; readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly replicas?: number;
    readonly ports?: readonly { readonly port: number; readonly targetPort: number }[];
    readonly template: { readonly spec: PodSpec };
    readonly clusterIP?: string;
  };
  readonly status?: { readonly addresses?: readonly { readonly type: string; readonly value: string }[] };
}

interface AuditEvent {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly objectRef?: { readonly apiGroup?: string; readonly resource?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Role {
  readonly kind: string;
  readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

/** What the server may do: `VERB GROUP/RESOURCE`. */
async function rightsOf(...values: readonly string[]): Promise<ReadonlySet<string>> {
  const objects = parseAllDocuments(await helm('template', values)).flatMap((document) => (document.toJS() as Role | null) ?? []);
  const rules = objects.flatMap(({ kind, rules = [] }) => (kind === 'ClusterRole' ? rules : []));
  return new Set(
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`))),
    ),
  );
}

const gatewayClass = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: each}
spec: {controllerName: gateway.sluice.dev/controller, parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: each, namespace: shop}}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: GatewayConfig
metadata: {name: each, namespace: shop}
spec: {envoys: {mode: PerGateway, replicas: 1, resources: {requests: {cpu: "0.5"}}, service: {type: ClusterIP}}}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: GatewayConfig
metadata: {name: shared, namespace: shop}
spec: {envoys: {mode: Shared}}
`;

const gateway = (name: string, ports: readonly number[], more = ''): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: shop}
spec:
  gatewayClassName: each
  ${more}
  listeners: [${ports.map((port) => `{name: http-${port}, port: ${port}, protocol: HTTP}`).join(', ')}]
`;

const route = (name: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}, namespace: shop}
spec:
  parentRefs: [{name: ${name}}]
  rules: [{filters: [{type: RequestRedirect, requestRedirect: {hostname: ${name}.example}}]}]
`;

describe('Envoys of a Gateway in a real API server', { timeout: 1_200_000 }, () => {
  let cluster: ApiServer;
  let folder: string;
  let server: RunningCommand | undefined;
  let adminPort: number;
  /** Starts one more server. */
  let serve: (admin: number, xds: number) => Promise<RunningCommand>;
  let xdsPort: number;
  let listenerPort: number;
  let keys: Record<string, string>;
  const children = createChildren();

  const inShop = (...words: readonly string[]): Promise<string> => cluster.kubectl(['-n', 'shop', ...words]);
  const get = async (kind: string, name: string): Promise<Live> => JSON.parse(await inShop('get', kind, name, '-o', 'json')) as Live;
  const kinds = 'serviceaccounts,secrets,services,networkpolicies,deployments,poddisruptionbudgets';
  const made = async (): Promise<readonly string[]> =>
    (await inShop('get', kinds, '-l', 'app.kubernetes.io/managed-by=sluice', '-o', 'name'))
      .split('\n')
      .filter((line) => line !== '')
      .toSorted();
  const all = (name: string): readonly string[] =>
    ['deployment.apps', 'networkpolicy.networking.k8s.io', 'poddisruptionbudget.policy', 'service', 'serviceaccount']
      .map((kind) => `${kind}/${name}`)
      .concat(`secret/${name}-xds`)
      .toSorted();
  const diagnostics = async (): Promise<string> => {
    const headers = { authorization: `Bearer ${keys['admin-token']}` };
    return (await fetch(`http://127.0.0.1:${adminPort}/api/v1/diagnostics`, { headers })).text();
  };
  /** Waits until the status of a Gateway has one address. */
  const hasAddress = (name: string, value: string | undefined): Promise<unknown> =>
    waitFor(
      `the address ${value} of ${name}`,
      async () => assert.deepEqual((await get('gateway', name)).status?.addresses, [{ type: 'IPAddress', value }]) ?? true,
      60_000,
    );
  /** What the servers did. */
  const events = async (): Promise<readonly AuditEvent[]> => {
    const lines = (await readFile(join(folder, 'audit.log'), 'utf8')).split('\n').filter((line) => line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as AuditEvent).filter(({ user: { username } }) => username === user);
  };
  /** `VERB RESOURCE NAME` of what it did to what is made for Gateways. */
  const audited = async (verbs: RegExp): Promise<readonly string[]> => {
    const ofInterest = new Set(kinds.split(','));
    const found = (await events()).filter(({ verb, objectRef }) => verbs.test(verb) && ofInterest.has(objectRef?.resource ?? ''));
    return found.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource} ${objectRef?.name ?? ''}`);
  };

  /** Puts the files of a Secret into a folder, as kubelet does. */
  async function mount(inNamespace: string, name: string): Promise<string> {
    const { data = {} } = JSON.parse(await cluster.kubectl(['-n', inNamespace, 'get', 'secret', name, '-o', 'json'])) as Live;
    const to = join(folder, name);
    await mkdir(to, { recursive: true });
    for (const [file, value] of Object.entries(data)) await writeFile(join(to, file), Buffer.from(value, 'base64'));
    return to;
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-provisioning-'));
    await writeFile(
      join(folder, 'policy.yaml'),
      JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules: [{ level: 'Metadata' }] }),
    );
    cluster = await startApiServer({
      controllers: ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller'],
      flags: [`--audit-policy-file=${join(folder, 'policy.yaml')}`, `--audit-log-path=${join(folder, 'audit.log')}`],
    });
    for (const name of [namespace, 'shop']) {
      await cluster.kubectl(['create', 'namespace', name]);
      await cluster.kubectl(['label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted']);
    }
    const chart = await helm('template', ['--set', 'provisioning.enabled=true', '--set', 'envoy.kind=None']);
    await cluster.kubectl(['apply', '--server-side', '-f', '-'], chart);
    const objects = parseAllDocuments(chart).flatMap((document) => (document.toJS() as Live | null) ?? []);
    const argsOf = (kind: string, name: string): readonly string[] =>
      objects.find((one) => one.kind === kind && one.metadata.name === name)?.spec.template.spec.containers[0]?.args ?? [];
    const made = await sluice(argsOf('Job', 'sluice-keys-1'), { KUBECONFIG: cluster.kubeconfig });
    assert.equal(made.status, 0, made.stderr);
    const [tls, keysFolder] = [await mount(namespace, 'sluice-server'), await mount(namespace, 'sluice-keys')];
    keys = { 'admin-token': await readFile(join(keysFolder, 'admin-token'), 'utf8') };
    await writeFile(join(folder, 'provisioning.yaml'), objects.find(({ kind }) => kind === 'ConfigMap')?.data?.['provisioning.yaml'] ?? '');
    [xdsPort, adminPort, listenerPort] = [await freePort(), await freePort(), await freePort()];
    const args = (admin: number, xds: number): readonly string[] => {
      const places: readonly (readonly [string, string])[] = [
        ['/tls/', `${tls}/`],
        ['/keys/', `${keysFolder}/`],
        ['=/state', `=${join(folder, `state-${admin}`)}`],
        ['/provisioning/', `${folder}/`],
        ['0.0.0.0:18000', `127.0.0.1:${xds}`],
        ['0.0.0.0:18001', `127.0.0.1:${admin}`],
      ];
      return argsOf('Deployment', 'sluice').map((arg) => places.reduce((text, [from, to]) => text.replace(from, to), arg));
    };
    const token = await cluster.serviceAccountToken(namespace, 'sluice');
    const env = { KUBECONFIG: cluster.kubeconfigFor(token, undefined, namespace), SLUICE_ADMIN_TOKEN_FILE: join(keysFolder, 'admin-token') };
    await cluster.apply(gatewayClass);
    serve = async (admin, xds) => {
      const started = startSluice(args(admin, xds), env, folder);
      await waitFor('it is ready', async () => (await fetch(`http://127.0.0.1:${admin}/readyz`)).status === 200, 60_000);
      return started;
    };
    server = await serve(adminPort, xdsPort);
  });
  after(async () => {
    server?.child.kill();
    await server?.ended;
    await children.stop();
    await cluster?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('they are made with all that they need, and pods of theirs are let in where the standard "restricted" is asked for', async () => {
    await cluster.apply([gateway('public', [listenerPort]), route('public')].join('---'));
    await waitFor('all is made', async () => assert.deepEqual(await made(), all('public-each')) ?? true, 60_000).catch((cause: unknown) =>
      assert.fail(`${cause}\n${server?.stdout()}${server?.stderr()}`),
    );
    await waitFor('a pod', async () => /^pod\/public-each-/.test(await inShop('get', 'pods', '-o', 'name')), 60_000);
    const { spec } = await get('service', 'public-each');
    assert.deepEqual(
      spec.ports?.map(({ port, targetPort }) => [port, targetPort]),
      [[listenerPort, listenerPort]],
    );
    await hasAddress('public', spec.clusterIP);
  });

  test('Envoy, as its pod starts it, belongs to the group of the Gateway and serves its routes', async () => {
    const pod = (await get('deployment', 'public-each')).spec.template.spec;
    const tls = await mount('shop', 'public-each-xds');
    const health = await freePort();
    const places: readonly (readonly [string, string])[] = [
      ['0.0.0.0:8002', `127.0.0.1:${health}`],
      ['/etc/envoy/tls', tls],
      ['/etc/envoy/bootstrap/', `${folder}/`],
      ['/bootstrap/', `${folder}/`],
      ['$(POD_NAME)', 'public-1'],
    ];
    const here = (arg: string): string => places.reduce((text, [from, to]) => text.replace(from, to), arg);
    // The name that the certificate must have is that of the Service, which nobody resolves here.
    const bootstrap = (pod.initContainers[0]?.args ?? []).flatMap((arg) =>
      arg.startsWith('--xds=') ? [`--xds=127.0.0.1:${xdsPort}`, `--tls-server-name=${arg.slice(6).split(':')[0]}`, '--envoy-admin-port=0'] : [here(arg)],
    );
    const ran = await sluice(bootstrap);
    assert.equal(ran.status, 0, ran.stderr);
    const command = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
    const args = [...(pod.containers.find(({ name }) => name === 'envoy')?.args ?? []).map(here), '--concurrency', '1'];
    children.start({ command, args, logFile: join(folder, 'envoy.log') });
    await waitFor('Envoy is ready', async () => (await fetch(`http://127.0.0.1:${health}/ready`)).status === 200, 60_000);
    const answer = await http(listenerPort, '/', { headers: { host: 'shop.example' } });
    assert.deepEqual([answer.status, answer.headers['location']], [302, `http://public.example:${listenerPort}/`]);
    const status = await sluice(['status', '--server', `http://127.0.0.1:${adminPort}`], { SLUICE_TOKEN: keys['admin-token'] ?? '' });
    assert.match(status.stdout, /^public-1 +gateway\/shop\/public /m);
  });

  test('where all is as it is wanted nothing is written', async () => {
    const before = await audited(/^(create|patch|update|delete)$/);
    const lists = async (): Promise<number> => (await audited(/^list$/)).filter((text) => text.includes('poddisruptionbudgets')).length;
    const listed = await lists();
    await inShop('label', 'gateway', 'public', 'team=shop');
    await waitFor('it has looked again', async () => (await lists()) > listed, 15_000);
    await inShop('label', 'gateway', 'public', 'team-');
    await waitFor('and once more', async () => (await lists()) > listed + 1, 15_000);
    assert.deepEqual(await audited(/^(create|patch|update|delete)$/), before);
  });

  test('a listener that comes changes the Service and who may reach it, and no pod', async () => {
    const open = async (): Promise<readonly number[]> => {
      const { spec } = JSON.parse(await inShop('get', 'networkpolicy', 'public-each', '-o', 'json')) as {
        readonly spec: { readonly ingress: readonly [{ readonly ports: readonly { readonly port: number }[] }] };
      };
      return spec.ingress[0].ports.map(({ port }) => port);
    };
    const { generation } = (await get('deployment', 'public-each')).metadata;
    await cluster.apply(gateway('public', [listenerPort, 80]));
    await waitFor('the port', async () => (await get('service', 'public-each')).spec.ports?.length === 2, 15_000);
    await waitFor('it is open', async () => assert.deepEqual(await open(), [8080, listenerPort, 8002]) ?? true, 15_000);
    await cluster.apply(gateway('public', [listenerPort]));
    await waitFor('the port is gone', async () => (await get('service', 'public-each')).spec.ports?.length === 1, 15_000);
    await waitFor('it is closed', async () => assert.deepEqual(await open(), [listenerPort, 8002]) ?? true, 15_000);
    assert.equal((await get('deployment', 'public-each')).metadata.generation, generation);
  });

  test('what is changed or deleted by hand comes back, and a new authority is followed', async () => {
    await inShop('scale', 'deployment', 'public-each', '--replicas=5');
    await inShop('delete', 'service', 'public-each');
    await cluster.kubectl(['-n', namespace, 'patch', 'secret', 'sluice-authority', '--type=merge', '-p', '{"data":null}']);
    const renewed = await sluice(['certificates', '--secrets', namespace, '--server', 'sluice.sluice-system.svc'], { KUBECONFIG: cluster.kubeconfig });
    assert.equal(renewed.status, 0, renewed.stderr);
    const authority = async (inNamespace: string, name: string): Promise<string | undefined> =>
      (JSON.parse(await cluster.kubectl(['-n', inNamespace, 'get', 'secret', name, '-o', 'json'])) as Live).data?.['ca.crt'];
    const wanted = await authority(namespace, 'sluice-server');
    await waitFor(
      'all is as it is wanted',
      async () => {
        assert.equal((await get('deployment', 'public-each')).spec.replicas, 1);
        assert.equal((await get('service', 'public-each')).spec.ports?.length, 1);
        assert.equal(await authority('shop', 'public-each-xds'), wanted);
        return true;
      },
      45_000,
    );
  });

  test('a load balancer has its address a while later than its Service', async () => {
    const config = 'apiVersion: gateway.sluice.dev/v1alpha1\nkind: GatewayConfig\nmetadata: {name: balanced, namespace: shop}\n';
    await cluster.apply(`${config}spec: {envoys: {mode: PerGateway, service: {type: LoadBalancer}}}\n`);
    await cluster.apply(gateway('balanced', [80], 'infrastructure: {parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: balanced}}'));
    await waitFor('it is made', async () => (await made()).includes('service/balanced-each'), 60_000);
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } };
    await inShop('patch', 'service', 'balanced-each', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));
    await hasAddress('balanced', '192.0.2.7');
    await inShop('delete', 'gateway', 'balanced');
    await waitFor('all of it is gone', async () => !(await made()).some((name) => name.includes('/balanced-')), 60_000);
  });

  test('where the server that makes them is killed, another one goes on, and changes nothing that is there', async () => {
    const version = async (kind: string): Promise<string> => (await get(kind, 'public-each')).metadata.resourceVersion;
    const kept = ['deployment', 'service', 'poddisruptionbudget', 'serviceaccount'];
    const versions = (): Promise<readonly string[]> => Promise.all(kept.map(version));
    const [admin, xds] = [await freePort(), await freePort()];
    const second = await serve(admin, xds);
    const before = await versions();
    const { clusterIP } = (await get('service', 'public-each')).spec;
    server?.child.kill('SIGKILL');
    await server?.ended;
    [server, adminPort, xdsPort] = [second, admin, xds];
    await cluster.apply(gateway('late', [80]));
    await waitFor(
      'all is made',
      async () => {
        const there = await made();
        return all('late-each').every((name) => there.includes(name));
      },
      90_000,
    );
    await hasAddress('late', (await get('service', 'late-each')).spec.clusterIP);
    await hasAddress('public', clusterIP);
    assert.deepEqual(await versions(), before);
    await inShop('delete', 'gateway', 'late');
    await waitFor('all of it is gone', async () => !(await made()).some((name) => name.includes('/late-')), 60_000);
  });

  test('what belongs to somebody else is not touched, and told', async () => {
    await inShop('create', 'service', 'clusterip', 'other-each', '--tcp=80');
    const { resourceVersion } = (await get('service', 'other-each')).metadata;
    await cluster.apply(gateway('other', [80]));
    await waitFor('it is told', async () => /"ProvisioningFailed".*a Service shop\/other-each that does not belong to it/.test(await diagnostics()), 60_000);
    assert.equal((await get('service', 'other-each')).metadata.resourceVersion, resourceVersion);
    assert.match((await made()).join(), /deployment.apps\/other-each/);
    await inShop('delete', 'service', 'other-each');
    await waitFor('it is made', async () => (await made()).includes('service/other-each'), 60_000);
    await waitFor('and told no more', async () => !(await diagnostics()).includes('ProvisioningFailed'), 60_000);
  });

  test('what the API server refuses is told in its words', async () => {
    const config = 'apiVersion: gateway.sluice.dev/v1alpha1\nkind: GatewayConfig\nmetadata: {name: odd, namespace: shop}\n';
    await cluster.apply(`${config}spec: {envoys: {mode: PerGateway, resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}}}\n`);
    const parameters = 'infrastructure: {parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: odd}}';
    await cluster.apply(gateway('odd', [80], parameters));
    await waitFor('it is told', async () => /a Deployment cannot be applied: .*must be less than or equal to memory limit/.test(await diagnostics()), 60_000);
    await inShop('delete', 'gateway', 'odd');
    await waitFor('and told no more', async () => !(await diagnostics()).includes('ProvisioningFailed'), 60_000);
    await waitFor('all of it is gone', async () => !(await made()).some((name) => name.includes('/odd-')), 60_000);
  });

  test('who wants shared Envoys again has none of its own, and no other Gateway loses any', async () => {
    const parameters = 'infrastructure: {parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: shared}}';
    await cluster.apply(gateway('other', [80], parameters));
    await waitFor('they are gone', async () => assert.deepEqual(await made(), all('public-each')) ?? true, 60_000);
  });

  test('a GatewayConfig that is missing takes nothing away; with the Gateway everything goes', async () => {
    await inShop('delete', 'gatewayconfig', 'each');
    await waitFor('it is told', async () => (await diagnostics()).includes('ParametersNotFound'), 60_000);
    assert.deepEqual(await made(), all('public-each'));
    await inShop('delete', 'gateway', 'public');
    await waitFor('all is gone', async () => assert.deepEqual(await made(), []) ?? true, 60_000);
  });

  test('the server has used every right that it has for this, and was refused nothing', async () => {
    const [without, all] = [await rightsOf(), await rightsOf('--set', 'provisioning.enabled=true')];
    const done = (await events()).flatMap(({ verb, objectRef, responseStatus }) => {
      const what = `${objectRef?.apiGroup ?? ''}/${objectRef?.resource}`;
      // What is applied and not there yet is created.
      return verb === 'patch' && responseStatus?.code === 201 ? [`patch ${what}`, `create ${what}`] : [`${verb} ${what}`];
    });
    const more = [...all].filter((right) => !without.has(right));
    assert.ok(more.length > 15);
    assert.deepEqual(
      more.filter((right) => !done.includes(right)),
      [],
    );
    const refused = (await events()).filter(({ annotations }) => annotations?.['authorization.k8s.io/decision'] === 'forbid');
    assert.deepEqual(refused, []);
  });
});
