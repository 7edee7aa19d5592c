import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiagnosticsAnswer } from '../../src/admin/api/diagnostics.ts';
import { tlsSecretYaml } from '../e2e/certificate.ts';
import { http, https } from '../e2e/client.ts';
import { startLoad } from '../e2e/load.ts';
import { gatewayClassYaml, secureGatewayYaml } from '../e2e/objects.ts';
import { waitFor } from '../e2e/wait.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { startStack } from './stack.ts';

/** Only that it comes is promised; objects of a megabyte take a slow machine their time. */
const withinMs = 60_000;

const gatewayApi = 'apiVersion: gateway.networking.k8s.io/v1';

const serviceYaml = (name: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: 8080}]}`;

const routeYaml = (name: string, rules: string): string => `
${gatewayApi}
kind: HTTPRoute
metadata: {name: ${name}}
spec: {parentRefs: [{name: gateway}], hostnames: [${name}.example], rules: ${rules}}`;

const to = (service: string): string => `[{backendRefs: [{name: ${service}, port: 80}]}]`;

const ingressYaml = (name: string, rest: string, annotations: Readonly<Record<string, string>> = {}): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, annotations: ${JSON.stringify(annotations)}}
spec:
  ingressClassName: sluice
  ${rest}`;

const rulesTo = (backend: string): string => `rules: [{host: x.example, http: {paths: [{path: /, pathType: Prefix, backend: ${backend}}]}}]`;
const toShop = rulesTo('{service: {name: shop, port: {number: 80}}}');

const base = `${gatewayClassYaml}
---${secureGatewayYaml}
---
${gatewayApi}
kind: HTTPRoute
metadata: {name: shop}
spec: {parentRefs: [{name: gateway}], rules: ${to('shop')}}
---${serviceYaml('shop')}`;

/** What the API server takes and what means nothing, or not what it says; with the code that is told of it, where something is. */
const meaningless: readonly (readonly [object: string, code: string | undefined, yaml: string])[] = [
  ['HTTPRoute default/regex', 'InvalidRegex', routeYaml('regex', '[{matches: [{path: {type: RegularExpression, value: "/(?=x)"}}]}]')],
  ['HTTPRoute default/nobody', 'BackendNotFound', routeYaml('nobody', to('nobody'))],
  ['HTTPRoute default/kind', 'UnsupportedBackend', routeYaml('kind', '[{backendRefs: [{group: example.com, kind: Teapot, name: a}]}]')],
  ['HTTPRoute default/weights', 'NoUsableWeight', routeYaml('weights', '[{backendRefs: [{name: shop, port: 80, weight: 0}]}]')],
  ['HTTPRoute default/orphan', 'ParentNotFound', routeYaml('orphan', to('shop')).replace('name: gateway', 'name: nowhere')],
  [
    'Gateway default/strange',
    'UnsupportedProtocol',
    `\n${gatewayApi}\nkind: Gateway\nmetadata: {name: strange}\nspec: {gatewayClassName: sluice, listeners: [{name: a, port: 9000, protocol: example.com/none}]}`,
  ],
  ['Ingress default/resource', 'UnsupportedBackend', ingressYaml('resource', rulesTo('{resource: {apiGroup: example.com, kind: Bucket, name: a}}'))],
  ['Ingress default/words', 'AnnotationIgnored', ingressYaml('words', toShop, { 'nginx.ingress.kubernetes.io/proxy-read-timeout': 'soon' })],
  [
    'Ingress default/pattern',
    'InvalidRegex',
    ingressYaml(
      'pattern',
      'rules: [{host: x.example, http: {paths: [{path: "/[", pathType: ImplementationSpecific, backend: {service: {name: shop, port: {number: 80}}}}]}}]',
      { 'nginx.ingress.kubernetes.io/use-regex': 'true' },
    ),
  ],
  ['Service default/headless', undefined, '\napiVersion: v1\nkind: Service\nmetadata: {name: headless}\nspec: {clusterIP: None}'],
  ['Service default/elsewhere', undefined, '\napiVersion: v1\nkind: Service\nmetadata: {name: elsewhere}\nspec: {type: ExternalName, externalName: 10.0.0.1}'],
  [
    'EndpointSlice default/names',
    undefined,
    '\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: names, labels: {kubernetes.io/service-name: headless}}\naddressType: FQDN\nports: [{port: 80}]\nendpoints: [{addresses: [pod.example]}]',
  ],
  [
    'EndpointSlice default/empty',
    undefined,
    '\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: empty, labels: {kubernetes.io/service-name: shop}}\naddressType: IPv4\nports: []\nendpoints: [{addresses: [10.9.9.9], conditions: {ready: false}}]',
  ],
  [
    'EndpointSlice default/nobodys',
    undefined,
    '\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: nobodys}\naddressType: IPv4\nports: []\nendpoints: []',
  ],
  [
    'BackendTLSPolicy default/rubbish',
    undefined,
    `\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: rubbish}\ndata: {ca.crt: rubbish}\n---\n${gatewayApi}\nkind: BackendTLSPolicy\nmetadata: {name: rubbish}\nspec: {targetRefs: [{group: "", kind: Service, name: headless}], validation: {hostname: a.example, caCertificateRefs: [{group: "", kind: ConfigMap, name: rubbish}]}}`,
  ],
  [
    'BackendPolicy default/nothing',
    'PolicyTargetNotFound',
    '\napiVersion: gateway.sluice.dev/v1alpha1\nkind: BackendPolicy\nmetadata: {name: nothing}\nspec: {targetRefs: [{group: "", kind: Service, name: nothing}]}',
  ],
];

if (!isInNamespace) {
  test('bad input of a cluster, in a network namespace', { timeout: 900_000 }, () => runInNamespace(import.meta.filename));
} else {
  test('what means nothing harms nothing else', async (t) => {
    const stack = await startStack(t);
    const { cluster, httpPort, httpsPort } = stack;
    await cluster.apply(`${base}\n---${await tlsSecretYaml('shop', ['first.example'])}`);
    await stack.scale('shop', 2);
    const sluice = await stack.serve();
    await sluice.ready();
    await waitFor('pods answer', async () => assert.deepEqual(await stack.answers(), ['10.250.0.1', '10.250.0.2']) === undefined, withinMs);
    await using traffic = startLoad({ port: httpPort, rate: 50 });

    const diagnostics = async (object: string): Promise<DiagnosticsAnswer['diagnostics']> =>
      (JSON.parse(await sluice.get('/api/v1/diagnostics')) as DiagnosticsAnswer).diagnostics.filter(({ at }) => at.object === object);
    const codes = async (object: string): Promise<readonly string[]> => (await diagnostics(object)).map(({ code }) => code);
    const status = async (host: string): Promise<number> => (await http(httpPort, '/', { headers: { host } })).status;
    const answers = (host: string, wanted: number): Promise<unknown> =>
      waitFor(`${host} answers ${wanted}`, async () => assert.equal(await status(host), wanted) === undefined, withinMs);
    /** What comes now is served: nothing stopped. */
    let goodOnes = 0;
    const goesOn = async (): Promise<void> => {
      const name = `good-${goodOnes++}`;
      await cluster.apply(routeYaml(name, to('shop')));
      await answers(`${name}.example`, 200);
      assert.match(await sluice.get('/metrics'), /^sluice_build_failures_total 0$/m);
    };

    await t.test('objects that the API server admits', async () => {
      await cluster.apply(meaningless.map(([, , yaml]) => yaml).join('\n---'));
      for (const [object, code] of meaningless) {
        if (code === undefined) continue;
        await waitFor(`${code} of ${object}`, async () => assert.ok((await codes(object)).includes(code), String(await codes(object))) === undefined, withinMs);
      }
      await goesOn();
    });

    await t.test('objects of a megabyte', async () => {
      const rules = Array.from(
        { length: 8000 },
        (_, index) => `{host: h${index}.big.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}}`,
      );
      await cluster.apply(ingressYaml('big', `rules: [${rules.join(', ')}]`));
      await answers('h7999.big.example', 200);
      await cluster.apply(ingressYaml('long', toShop, { 'nginx.ingress.kubernetes.io/proxy-read-timeout': 'x'.repeat(250_000) }));
      await waitFor('it is told', async () => (await codes('Ingress default/long')).includes('AnnotationIgnored'), withinMs);
      for (const { message } of await diagnostics('Ingress default/long')) assert.ok(message.length <= 4000, `${message.length} characters`);
      const rubbish = Buffer.alloc(380_000, 'rubbish ').toString('base64');
      await cluster.apply(`apiVersion: v1\nkind: Secret\nmetadata: {name: large}\ntype: kubernetes.io/tls\ndata: {tls.crt: ${rubbish}, tls.key: ${rubbish}}\n`);
      await cluster.apply(ingressYaml('secret', `tls: [{hosts: [large.example], secretName: large}]\n  ${toShop}`));
      await waitFor('that is told', async () => (await codes('Ingress default/secret')).includes('InvalidCertificate'), withinMs);
      for (const { message } of await diagnostics('Ingress default/secret')) assert.ok(message.length <= 4000, `${message.length} characters`);
      await goesOn();
    });

    await t.test('a Secret that goes, and comes back as one of another type', async () => {
      const commonName = async (): Promise<unknown> => (await https(httpsPort, '/', { serverName: 'a.example' })).certificate?.subject.CN;
      const opaque = (secret: string): string => secret.replace('type: kubernetes.io/tls', 'type: Opaque');
      await waitFor('the first certificate', async () => assert.equal(await commonName(), 'first.example') === undefined, withinMs);
      await cluster.kubectl(['delete', 'secret', 'shop']);
      await waitFor('it is told', async () => (await codes('Gateway default/gateway')).includes('SecretNotFound'), withinMs);
      await cluster.apply('apiVersion: v1\nkind: Secret\nmetadata: {name: shop}\nstringData: {other: thing}\n');
      await waitFor('that is told', async () => (await codes('Gateway default/gateway')).includes('InvalidCertificate'), withinMs);
      await goesOn();
      await cluster.kubectl(['delete', 'secret', 'shop']);
      const second = opaque(await tlsSecretYaml('shop', ['second.example']));
      assert.match(second, /Opaque/);
      await cluster.apply(second);
      await waitFor('the second certificate', async () => assert.equal(await commonName(), 'second.example') === undefined, withinMs);
    });

    await t.test('a Service that vanishes while it is routed', async () => {
      await cluster.apply(`${routeYaml('other', to('other'))}\n---${serviceYaml('other')}`);
      await stack.scale('other', 1);
      await answers('other.example', 200);
      await cluster.kubectl(['delete', 'service', 'other']);
      await answers('other.example', 500);
      await goesOn();
      await cluster.apply(serviceYaml('other'));
      await answers('other.example', 200);
    });

    await t.test('a clock that jumps, an hour forward and back', async () => {
      const leads = async (): Promise<boolean> => /^sluice_leader 1$/m.test(await sluice.get('/metrics'));
      await waitFor('it leads', leads, withinMs);
      for (let jump = 0; jump < 2; jump++) {
        sluice.jump();
        await goesOn();
        const path = `/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/good-${goodOnes - 1}`;
        await waitFor('its status is written', async () => /"type":"Programmed"/.test(await cluster.get(path)), withinMs);
        assert.ok(await leads());
      }
    });

    const { failed, failures, sent } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
    assert.ok(sent > 100, `${sent} requests`);
    assert.equal(sluice.command.child.exitCode, null, sluice.command.stderr());
  });
}
