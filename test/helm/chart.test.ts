import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { ownKinds } from '../../docs/own-kinds.ts';
import { createProgram } from '../../src/cli/program.ts';
import { systemClock } from '../../src/clock.ts';
import { kinds } from '../../src/kind/index.ts';
import { parseProvisioning } from '../../src/provision/config.ts';
import { gatewayObjects } from '../../src/provision/gateway-objects.ts';
import { gatewayService } from '../../src/provision/names.ts';
import { defaultSettings } from '../../src/settings.ts';
import type { Stored } from '../../src/store/stored.ts';
import { objectsOf as storedOf } from '../fake/objects.ts';
import { helm } from './helm.ts';

/** `npm run manifests` writes what comes out now into the files; the review of a change reads their differences like code. */
const folder = join(import.meta.dirname, 'golden');
const cases = globSync(join(folder, '*.values.yaml')).sort();
const asText = { serializers: [(text: string) => text] };
/** With the CRDs of Gateway API in the cluster. */
const withGateways = ['--api-versions', 'gateway.networking.k8s.io/v1'];

describe('the chart', { timeout: 900_000 }, () => {
  for (const file of cases) {
    test(basename(file), async (t) => {
      assert.match(await helm('lint', ['--values', file]), /0 chart\(s\) failed/);
      t.assert.fileSnapshot(await helm('template', ['--values', file, ...withGateways]), file.replace('.values.', '.out.'), asText);
    });
  }

  for (const [values, reason] of [
    ['server.replica=3', /additional properties 'replica' not allowed/],
    ['server.replicas=0', /minimum/],
    ['envoy.kind=Pod', /must be one of 'Deployment', 'DaemonSet', 'None'/],
    ['certificates.issuer=CertManager,sidecars[0].namespace=a,sidecars[0].service=b', /only a ClusterIssuer makes certificates/],
    [
      'certificates.issuer=CertManager,provisioning.enabled=true',
      /certificates from Sluice; cert-manager is not asked for them\. Set certificates\.issuer to Sluice, or provisioning\.enabled to false/,
    ],
    ['server.startFromState=10x', /does not match pattern/],
    ['envoy.group=a b', /does not match pattern/],
  ] as const) {
    test(`refuses ${values}`, () => assert.rejects(helm('template', ['--set', values]), reason));
  }
});

const head = '# Made of the Helm chart by `npm run manifests`.\n';
const namespace = `---
apiVersion: v1
kind: Namespace
metadata:
  name: sluice-system
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

describe('deploy/kubernetes', { timeout: 900_000 }, () => {
  const manifests: readonly (readonly [string, string, readonly string[]])[] = [
    ['sluice.yaml', `${head}${namespace}`, ['--include-crds']],
    ['gateway-class.yaml', head, ['--show-only', 'templates/gateway-class.yaml', ...withGateways]],
    ['admission-policy.yaml', head, ['--show-only', 'templates/admission-policy.yaml', '--set', 'admissionPolicy.enabled=true']],
  ];
  for (const [name, begin, args] of manifests) {
    test(name, async (t) => {
      const rendered = (await helm('template', args)).replaceAll('app.kubernetes.io/managed-by: Helm\n', 'app.kubernetes.io/managed-by: kubectl\n');
      t.assert.fileSnapshot(`${begin}${rendered}`, join(import.meta.dirname, '../../deploy/kubernetes', name), asText);
    });
  }
});

/** The parts of objects that these tests read. */
interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly rules?: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
  readonly spec?: { readonly template?: { readonly spec?: Readonly<Record<string, unknown>> } };
}

const objectsOf = async (...args: readonly string[]): Promise<readonly Rendered[]> =>
  // As Helm and kubectl read it: 0440 is octal.
  parseAllDocuments(await helm('template', args), { version: '1.1' }).map((document) => document.toJS() as Rendered);

describe('what the chart says is what Sluice knows', { timeout: 900_000 }, () => {
  test('Envoy reads what cert-manager makes as the page shows it, which is tried with a real Envoy', async () => {
    const objects = await objectsOf('--set', 'certificates.issuer=CertManager');
    const { data = {} } = objects.find(({ kind }) => kind === 'ConfigMap') ?? {};
    const page = readFileSync(join(import.meta.dirname, '../../docs/secure-xds.md'), 'utf8');
    const shown = [...page.matchAll(/```json\n(\{\n {2}"resources".*?)```/gs)].map(([, text = '']) => JSON.parse(text) as unknown);
    assert.deepEqual(
      ['certificate.json', 'authority.json'].map((name) => JSON.parse(data[name] ?? 'null') as unknown),
      shown,
    );
  });

  test('the Envoys that the server makes for a Gateway are those of the chart, but for what is told here', async () => {
    const values = ['--values', join(import.meta.dirname, 'provisioned.values.yaml')];
    const objects = await objectsOf(...values);
    const { data = {} } = objects.find(({ kind }) => kind === 'ConfigMap') ?? {};
    const { config, diagnostics } = parseProvisioning(data['provisioning.yaml'] ?? '', 'provisioning.yaml');
    assert.deepEqual(diagnostics, []);
    assert.ok(config);
    const [gateway] = storedOf(gatewayYaml) as readonly Stored<'Gateway'>[];
    assert.ok(gateway);
    const made = gatewayObjects({ gateway, envoys: { mode: 'PerGateway' }, config, settings: defaultSettings, certificate: undefined });
    assert.deepEqual(
      made.map(({ kind }) => kind),
      ['ServiceAccount', 'Service', 'NetworkPolicy', 'Deployment', 'PodDisruptionBudget'],
    );
    const { name } = gatewayService(gateway);
    for (const one of made) {
      const ofChart = objects.find(({ kind, metadata }) => kind === one.kind && metadata.name === 'sluice-envoy');
      assert.deepEqual(
        comparable(one, { [`${name}-xds`]: 'CERTIFICATE', [name]: 'NAME', 'gateway/default/public': 'GROUP' }),
        comparable(ofChart, { 'sluice-group-default': 'CERTIFICATE', 'sluice-envoy': 'NAME', '--group=default': '--group=GROUP' }),
      );
    }
  });

  test('the server may list and watch every kind that it reads of a cluster, and no other', async () => {
    const plurals = new Map(ownKinds.map(({ definition, plural }) => [definition.kind, plural]));
    // The others end in a way that takes `es` or `s`.
    const pluralOf = (kind: string): string => plurals.get(kind) ?? `${kind.toLowerCase()}${kind.endsWith('s') ? 'es' : 's'}`.replace(/policys$/, 'policies');
    const wanted = Object.values(kinds).map(({ group, kind }) => `${group}/${pluralOf(kind)}`);
    const role = (await objectsOf()).find(({ kind }) => kind === 'ClusterRole');
    const listed = (role?.rules ?? []).filter(({ verbs }) => verbs.includes('list'));
    const allowed = listed.flatMap(({ apiGroups, resources }) => apiGroups.flatMap((group) => resources.map((resource) => `${group}/${resource}`)));
    assert.deepEqual(allowed.toSorted(), wanted.toSorted());
  });

  test('every option in the arguments of a container is one of its command', async () => {
    const program = createProgram({ terminal: silent, env: {}, clock: systemClock, signal: new AbortController().signal, status: 0 });
    const seen = new Set<string>();
    for (const file of [undefined, ...cases]) {
      for (const container of containersOf(await objectsOf(...(file === undefined ? [] : ['--values', file])))) {
        if (container.name === 'envoy') continue;
        const [name, ...args] = container.args;
        const command = program.commands.find((one) => one.name() === name);
        assert.ok(command, `sluice ${name}`);
        seen.add(command.name());
        for (const arg of args.filter((text) => text.startsWith('-'))) {
          const flag = arg.split('=')[0];
          assert.ok(
            command.options.some(({ long, short }) => long === flag || short === flag),
            `sluice ${name} ${flag}`,
          );
        }
      }
    }
    assert.deepEqual([...seen].toSorted(), ['authz', 'bootstrap', 'certificates', 'drain', 'serve']);
  });
});

const gatewayYaml = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, uid: '1'}
spec:
  gatewayClassName: each
  listeners: [{name: http, port: 80, protocol: HTTP}, {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}]
`;

/** Labels of the chart and of Gateways, who owns an object, where it and Sluice are, and what lets Envoys of Gateways bind any port. */
const differing =
  /^((app\.kubernetes\.io|helm\.sh|gateway\.networking\.k8s\.io)\/.*|gateway\.sluice\.dev\/content|ownerReferences|namespace|namespaceSelector|sysctls)$/;
const boundPorts: Readonly<Record<string, number>> = { http: 8080, https: 8443 };

/** An object without what differs between the Envoys of the chart and those of a Gateway. @param names that stand for others. */
function comparable(object: unknown, names: Readonly<Record<string, string>>): unknown {
  const text = Object.entries(names).reduce((all, [name, word]) => all.replaceAll(name, word), JSON.stringify(object));
  return JSON.parse(text, (key, value: unknown) => {
    if (differing.test(key) || (key === 'annotations' && Object.keys(value as object).length === 0)) return undefined;
    // Those of a container tell people of its listeners; those of a Service have names.
    if (key === 'ports') return (value as readonly Port[]).filter(({ name }) => name === 'health' || name === 'view' || name === undefined);
    if (typeof value !== 'object' || value === null || !('targetPort' in value)) return value;
    const { name: _, targetPort, ...port } = value as Port;
    return { ...port, targetPort: boundPorts[targetPort ?? ''] ?? targetPort };
  }) as unknown;
}

interface Port {
  readonly name?: string;
  readonly targetPort?: string | number;
}

const silent = { print() {}, complain() {}, columns: 80, colors: false } as unknown as Parameters<typeof createProgram>[0]['terminal'];

interface Container {
  readonly name: string;
  readonly args: readonly string[];
}

/** Those of all pods, wherever a template of one stands. */
function containersOf(value: unknown): readonly Container[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === 'containers' || key === 'initContainers') && Array.isArray(inner) ? (inner as readonly Container[]) : containersOf(inner),
  );
}
