import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { createChildren } from '../../src/launch/children.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { http as httpAnswer } from '../e2e/client.ts';
import { freePort } from '../e2e/port.ts';
import { type RunningCommand, sluice, startSluice } from '../e2e/sluice.ts';
import { waitFor } from '../e2e/wait.ts';
import { helm } from '../helm/helm.ts';

const root = join(import.meta.dirname, '../..');
const namespace = 'sluice-system';

interface PodSpec {
  readonly serviceAccountName?: string;
  readonly containers: readonly { readonly name: string; readonly args: readonly string[] }[];
  readonly initContainers?: PodSpec['containers'];
}

/** An object of the chart, as far as these tests read it. */
interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: {
    readonly template?: { readonly spec: PodSpec };
    readonly jobTemplate?: { readonly spec: { readonly template: { readonly spec: PodSpec } } };
  };
}

const objectsIn = (yaml: string): readonly Rendered[] =>
  parseAllDocuments(yaml)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);

const podsOf = (objects: readonly Rendered[]) =>
  objects.flatMap(({ kind, metadata, spec }) => {
    const pod = spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec;
    return pod ? [{ name: `${kind.toLowerCase()}-${metadata.name}`, pod }] : [];
  });

describe('the chart in a real API server', { timeout: 1_200_000 }, () => {
  let cluster: ApiServer;
  let folder: string;
  const manifest = join(root, 'deploy/kubernetes/sluice.yaml');
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-chart-'));
    cluster = await startApiServer({ crds: false });
    await cluster.apply(manifest);
  });
  after(async () => {
    await cluster?.close();
    await rm(folder, { recursive: true, force: true });
  });
  const admin = (...words: readonly string[]): Promise<string> => cluster.kubectl(['-n', namespace, ...words]);
  const account = async (name: string): Promise<string> => cluster.kubeconfigFor(await cluster.serviceAccountToken(namespace, name));

  test('pods meet the standard "restricted", which their namespace asks for', async () => {
    const objects = objectsIn(await readFile(manifest, 'utf8'));
    const other = objectsIn(await helm('template', ['--set', 'certificates.issuer=CertManager']));
    const pods = [...podsOf(objects), ...podsOf(other).map(({ name, pod }) => ({ name: `${name}-other`, pod }))];
    assert.equal(pods.length, 7);
    const create = (name: string, spec: object): Promise<string> =>
      cluster.kubectl(
        ['create', '--dry-run=server', '-f', '-'],
        JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: { restartPolicy: 'Always', ...spec } }),
      );
    for (const { name, pod } of pods) assert.match(await create(name, pod), /created/);
    await assert.rejects(create('bare', { containers: [{ name: 'a', image: 'a' }] }), /violates PodSecurity "restricted/);
  });

  test('so does the pod with a sidecar that the page shows', async () => {
    const page = await readFile(join(root, 'docs/install-on-kubernetes.md'), 'utf8');
    const pod = /```yml\n(apiVersion: v1\nkind: Pod\n.*?)```/s.exec(page)?.[1];
    assert.ok(pod);
    await cluster.kubectl(['create', 'namespace', 'shop']);
    await cluster.kubectl(['label', 'namespace', 'shop', 'pod-security.kubernetes.io/enforce=restricted']);
    assert.match(await cluster.kubectl(['create', '--dry-run=server', '--validate=strict', '-f', '-'], pod), /created/);
    const { spec } = parse(pod) as { readonly spec: PodSpec };
    const [bootstrap] = spec.initContainers ?? [];
    const made = await sluice((bootstrap?.args ?? []).filter((arg) => !arg.startsWith('--to=')));
    assert.equal(made.status, 0, made.stderr);
  });

  test('the Job fills the Secrets as its account may, and may nothing else; what is applied again leaves them', async () => {
    const job = podsOf(objectsIn(await readFile(manifest, 'utf8'))).find(({ name }) => name.startsWith('job-'))?.pod;
    assert.equal(job?.serviceAccountName, 'sluice-keys');
    const args = job.containers[0]?.args ?? [];
    const env = { KUBECONFIG: await account('sluice-keys') };
    const run = await sluice(args, env);
    assert.equal(run.status, 0, run.stderr);
    const secrets = ['sluice-authority', 'sluice-server', 'sluice-group-default', 'sluice-keys'];
    const held = () => Promise.all(secrets.map((name) => admin('get', 'secret', name, '-o', 'jsonpath={.data}')));
    const filled = await held();
    for (const text of filled) assert.ok(Object.keys(JSON.parse(text)).length > 1, text);

    const again = await sluice(args, env);
    assert.deepEqual([again.status, again.stdout.match(/ made /g)], [0, null]);
    await cluster.apply(manifest);
    assert.deepEqual(await held(), filled);

    await admin('create', 'secret', 'generic', 'other');
    for (const wish of [
      ['get', 'secret', 'other'],
      ['create', 'secret', 'generic', 'more'],
      ['get', 'secrets'],
      ['delete', 'secret', 'sluice-keys'],
    ])
      await assert.rejects(admin('--kubeconfig', env.KUBECONFIG, ...wish), /forbidden/);
    const denied = await sluice(args, { KUBECONFIG: await account('sluice-envoy') });
    assert.equal(denied.status, 2);
    assert.match(denied.stderr, /the Secret sluice-system\/sluice-keys cannot be read: .*is forbidden.*\n.*Role of the chart/);
    const missing = await sluice([...args, '--group', 'other'], { KUBECONFIG: cluster.kubeconfig });
    assert.match(missing.stderr, /sluice-group-other cannot be read: .*not found\n.*kubectl create secret/);
  });

  test('Helm installs it, and an upgrade leaves what the Secrets hold', async () => {
    const release = ['edge', '--namespace', 'edge', '--kubeconfig', cluster.kubeconfig];
    await helm('install', [...release, '--create-namespace', '--skip-crds', '--set', 'ingressClass.name=edge']);
    const env = { KUBECONFIG: cluster.kubeconfig };
    const filled = await sluice(['certificates', '--secrets', 'edge', '--prefix', 'edge'], env);
    assert.equal(filled.status, 0, filled.stderr);
    const data = (name: string): Promise<string> => cluster.kubectl(['-n', 'edge', 'get', 'secret', name, '-o', 'jsonpath={.data}']);
    const before = await data('edge-authority');
    assert.match(before, /tls.key/);
    await helm('upgrade', [...release, '--set', 'ingressClass.name=edge,server.replicas=3']);
    assert.equal(await data('edge-authority'), before);
    assert.equal(await cluster.kubectl(['-n', 'edge', 'get', 'deployment', 'edge', '-o', 'jsonpath={.spec.replicas}']), '3');
    assert.match(await cluster.kubectl(['-n', 'edge', 'get', 'jobs', '-o', 'name']), /edge-keys-2/);
  });

  test('two that renew at once: one writes, the other is told, and goes on with a second try', async () => {
    const args = ['certificates', '--secrets', namespace, '--server', 'sluice.sluice-system.svc', '--renew'];
    const env = { KUBECONFIG: cluster.kubeconfig };
    const runs = await Promise.all([sluice(args, env), sluice(args, env), sluice(args, env)]);
    for (const { status, stderr } of runs) if (status !== 0) assert.match(stderr, /cannot be written: .*\n.*run it again/);
    assert.ok(runs.some(({ status }) => status === 0));
    assert.equal((await sluice(args.slice(0, -1), env)).status, 0);
  });

  test('Sluice and Envoy as their pods start them, with the Secrets that these mount and the rights that they have, serve an Ingress', async () => {
    const mount = async (secret: string): Promise<string> => {
      const { data } = JSON.parse(await admin('get', 'secret', secret, '-o', 'json')) as { readonly data: Readonly<Record<string, string>> };
      const to = join(folder, secret);
      await mkdir(to);
      for (const [name, value] of Object.entries(data)) await writeFile(join(to, name), Buffer.from(value, 'base64'));
      return to;
    };
    const [tls, keys, envoyTls] = [await mount('sluice-server'), await mount('sluice-keys'), await mount('sluice-group-default')];
    const pods = podsOf(objectsIn(await readFile(manifest, 'utf8')));
    const podOf = (wanted: string) => pods.find(({ name }) => name === wanted)?.pod;
    const [xds, adminPort, health, http, https] = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort()];
    const [envoyAdmin, view] = [await freePort(), await freePort()];
    await cluster.apply(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: default, annotations: {nginx.ingress.kubernetes.io/permanent-redirect: "https://shop.example/new"}}
spec:
  ingressClassName: sluice
  rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: live, namespace: default}
spec:
  ingressClassName: sluice
  rules: [{host: live.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: live, port: {number: 80}}}}]}}]
---
apiVersion: v1
kind: Service
metadata: {name: live, namespace: default}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: live, namespace: default, labels: {kubernetes.io/service-name: live}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [192.0.2.1]}]
`);
    const places: readonly (readonly [string, string])[] = [
      ['/tls/', `${tls}/`],
      ['/keys/', `${keys}/`],
      ['=/state', `=${join(folder, 'state')}`],
      ['0.0.0.0:18000', `127.0.0.1:${xds}`],
      ['0.0.0.0:18001', `127.0.0.1:${adminPort}`],
      ['0.0.0.0:8002', `127.0.0.1:${health}`],
      ['/etc/envoy/tls', envoyTls],
      ['/etc/envoy/bootstrap/', `${folder}/`],
      ['/bootstrap/', `${folder}/`],
      ['$(POD_NAME)', 'pod-1'],
      ['--envoy-view-port=18005', `--envoy-view-port=${view}`],
      ['0.0.0.0:18005', `127.0.0.1:${view}`],
    ];
    const here = (arg: string): string => places.reduce((text, [from, to]) => text.replace(from, to), arg);
    const children = createChildren();
    const serve = [...(podOf('deployment-sluice')?.containers[0]?.args ?? []).map(here), `--http-port=${http}`, `--https-port=${https}`];
    let manager: RunningCommand | undefined;
    const server = startSluice(serve, { KUBECONFIG: await account('sluice'), SLUICE_ADMIN_TOKEN_FILE: join(keys, 'admin-token') });
    try {
      const ready = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status === 200;
      await waitFor('the server is ready', ready, 60_000).catch((cause: unknown) => assert.fail(`${cause}\n${server.stdout()}${server.stderr()}`));
      const envoy = podOf('deployment-sluice-envoy');
      // The name that the certificate must have is that of the Service, which nobody resolves here.
      const bootstrap = (envoy?.initContainers?.[0]?.args ?? []).flatMap((arg) =>
        arg.startsWith('--xds=')
          ? [`--xds=127.0.0.1:${xds}`, `--tls-server-name=${arg.slice('--xds='.length).split(':')[0]}`, `--envoy-admin-port=${envoyAdmin}`]
          : [here(arg)],
      );
      const made = await sluice(bootstrap);
      assert.equal(made.status, 0, made.stderr);
      const command = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
      const args = [...(envoy?.containers[0]?.args ?? []).map(here), '--concurrency', '1'];
      children.start({ command, args, logFile: join(folder, 'envoy.log') });
      await waitFor('Envoy is ready', async () => (await fetch(`http://127.0.0.1:${health}/ready`)).status === 200, 60_000);
      const answer = await httpAnswer(http, '/', { headers: { host: 'shop.example' } });
      assert.deepEqual([answer.status, answer.headers['location']], [301, 'https://shop.example/new']);
      const token = await readFile(join(keys, 'admin-token'), 'utf8');
      const status = await sluice(['status', '--server', `http://127.0.0.1:${adminPort}`], { SLUICE_TOKEN: token });
      assert.match(status.stdout, /^pod-1 +default /m);
      assert.doesNotMatch(server.stdout(), /may not be read/);
      const drain = envoy?.containers.find(({ name }) => name === 'drain')?.args ?? [];
      manager = startSluice([...drain.map(here), '--envoy-admin', `127.0.0.1:${envoyAdmin}`, '--listen', '127.0.0.1:0']);
      const out = async (): Promise<unknown> => {
        const { stdout } = await sluice(['get', 'endpoints', '--server', `http://127.0.0.1:${adminPort}`, '-o', 'json'], { SLUICE_TOKEN: token });
        return (JSON.parse(stdout) as { readonly rows: readonly { readonly outAt?: unknown }[] }).rows[0]?.outAt;
      };
      await waitFor('it is known that no endpoint is out', async () => assert.deepEqual(await out(), []) === undefined, 60_000);
    } finally {
      manager?.child.kill('SIGTERM');
      await manager?.ended;
      await children.stop();
      server.child.kill('SIGTERM');
      assert.equal((await server.ended).status, 0);
    }
  });
});
