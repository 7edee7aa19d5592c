import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { after, before, suite, test } from 'node:test';
import type { Diagnostic } from '../../src/diagnostic.ts';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { tlsSecretYaml } from './certificate.ts';
import { type Stack, startStack } from './harness.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const route = (rules: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: bad}
spec:
  parentRefs: [{name: gateway}]
  hostnames: [bad.example]
  rules: ${rules}`;

/** A mistake as a user makes it, in a file of its own; `field` and `words` are what its diagnostic must have. */
interface Mistake {
  readonly name: string;
  readonly yaml: string | (() => string | Promise<string>);
  readonly code: string;
  readonly line: number;
  readonly words: RegExp;
}

const mistakes: readonly Mistake[] = [
  { name: 'YAML that cannot be read', yaml: 'kind: Service\nmetadata: {name: [\n', code: 'UnreadableYaml', line: 2, words: /./ },
  {
    name: 'a wrong type',
    yaml: 'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec:\n  ports:\n    - port: eighty\n',
    code: 'InvalidField',
    line: 6,
    words: /port/,
  },
  { name: 'an unknown kind', yaml: 'apiVersion: v1\nkind: Servcie\nmetadata: {name: bad}\n', code: 'UnknownKind', line: 2, words: /Servcie/ },
  {
    name: 'an unknown field',
    yaml: 'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec:\n  prots: []\n',
    code: 'UnknownField',
    line: 5,
    words: /prots/,
  },
  {
    name: 'a reference to nothing',
    yaml: route('[{backendRefs: [{name: nowhere, port: 80}]}]'),
    code: 'BackendNotFound',
    line: 8,
    words: /nowhere/,
  },
  {
    name: 'a port that the Service does not have',
    yaml: route('[{backendRefs: [{name: shop, port: 81}]}]'),
    code: 'PortNotFound',
    line: 8,
    words: /81/,
  },
  {
    name: 'a regular expression that RE2 refuses',
    yaml: route('[{matches: [{path: {type: RegularExpression, value: "/(?=x)"}}], backendRefs: [{name: shop, port: 80}]}]'),
    code: 'InvalidRegex',
    line: 8,
    words: /\(\?=/,
  },
  {
    name: 'weights that sum to 0',
    yaml: route('[{backendRefs: [{name: shop, port: 80, weight: 0}]}]'),
    code: 'NoUsableWeight',
    line: 8,
    words: /0/,
  },
  {
    name: 'a route for a host that no listener has',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: narrow}
spec:
  gatewayClassName: sluice
  listeners: [{name: http, port: 80, protocol: HTTP, hostname: "*.narrow.example"}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: outside}
spec:
  parentRefs: [{name: narrow}]
  hostnames: [elsewhere.example]
  rules: [{backendRefs: [{name: shop, port: 80}]}]`,
    code: 'HostNotListened',
    line: 13,
    words: /elsewhere\.example/,
  },
  {
    name: 'two listeners on one port',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: second}
spec:
  gatewayClassName: sluice
  listeners: [{name: other, port: 80, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}]`,
    code: 'ListenerProtocolConflict',
    line: 7,
    words: /80/,
  },
  { name: 'a file of 10 MB', yaml: () => `# ${'x'.repeat(10_000_000)}\n`, code: 'FileTooLarge', line: 0, words: /MiB/ },
];

suite('bad input: a located diagnostic with a remedy, and everything else goes on', () => {
  let shop: HttpBackend;
  let stack: Stack;
  const found = (): readonly Diagnostic[] => stack.server().engine.diagnostics();
  const served = async (): Promise<void> => assert.deepEqual([(await stack.http('/')).status], [200]);

  before(async () => {
    shop = await startHttpBackend('shop');
    stack = await startStack({ objects: { 'good.yaml': [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [shop.port])].join('\n---') } });
  });
  after(async () => {
    await stack?.close();
    await shop?.close();
  });

  for (const { name, yaml, code, line, words } of mistakes) {
    test(name, async () => {
      await stack.write('worse.yaml', typeof yaml === 'string' ? yaml : await yaml());
      const diagnostic = await waitFor(`a diagnostic ${code}`, () => found().find((one) => one.code === code && one.at.file?.endsWith('worse.yaml'))).catch(
        (error: unknown) => {
          throw new Error(`no ${code} at worse.yaml: ${JSON.stringify(found(), null, 1)}`, { cause: error });
        },
      );
      assert.match(`${diagnostic.message}`, words);
      assert.ok(diagnostic.remedy, 'it has a remedy');
      if (line > 0) assert.equal(diagnostic.at.line, line, JSON.stringify(diagnostic));
      await served();
      await stack.remove('worse.yaml');
      await waitFor('the diagnostic goes with its cause', () => !found().some(({ at }) => at.file?.endsWith('worse.yaml')));
      await served();
    });
  }

  test('a broken edit keeps the last good form, of that object only', async () => {
    const good = [routeYaml('a', { shop: 1 }, '/a'), routeYaml('b', { shop: 1 }, '/b')];
    await stack.write('routes.yaml', good.join('\n---'));
    await waitFor('both answer', async () => (await stack.http('/a')).status + (await stack.http('/b')).status === 400);
    await stack.write('routes.yaml', [good[0]?.replace('weight: 1', 'weight: heavy'), routeYaml('b', { shop: 1 }, '/c')].join('\n---'));
    await waitFor('the other one changed', () => found().some(({ code, at }) => code === 'InvalidField' && at.file?.endsWith('routes.yaml')));
    await served();
    assert.equal((await stack.http('/a')).status, 200);
    await stack.remove('routes.yaml');
  });

  test('a folder that vanishes takes nothing with it', async () => {
    await rename(stack.folder, `${stack.folder}-away`);
    await waitFor('it is told', () => found().some(({ code }) => code === 'SourceUnavailable'));
    await served();
    await rename(`${stack.folder}-away`, stack.folder);
    await waitFor('it is back', () => !found().some(({ code }) => code === 'SourceUnavailable'));
    await stack.write('extra.yaml', serviceYaml('extra', [shop.port]));
    await waitFor('changes are seen again', () => stack.server().engine.view().get('Service', 'default', 'extra') !== undefined);
    await served();
  });

  test('a secret that is no certificate harms only the listener that uses it', async () => {
    const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: secure}
spec:
  gatewayClassName: sluice
  listeners:
    - {name: good, hostname: good.example, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: good}]}}
    - {name: bad, hostname: bad.example, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: bad}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: secure}
spec:
  parentRefs: [{name: secure}]
  rules: [{backendRefs: [{name: shop, port: 80}]}]
---
apiVersion: v1
kind: Secret
metadata: {name: bad}
type: kubernetes.io/tls
stringData: {tls.crt: "no certificate", tls.key: "no key"}`;
    await stack.write('secure.yaml', [gateway, await tlsSecretYaml('good', ['good.example'])].join('\n---'));
    await waitFor('the good one serves', async () => (await stack.https('/', { headers: { host: 'good.example' } })).status === 200);
    assert.ok(
      found().some(({ at }) => at.object === 'Secret default/bad'),
      JSON.stringify(found()),
    );
    assert.ok(!JSON.stringify(found()).includes('no key'), 'no secret value is told');
    await served();
    await stack.remove('secure.yaml');
  });
});
