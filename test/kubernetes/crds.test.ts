import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { ownKinds } from '../../docs/own-kinds.ts';
import { systemClock } from '../../src/clock.ts';
import type { KindDefinition } from '../../src/kind/kind.ts';
import { ApiError } from '../../src/kubernetes/api-error.ts';
import { type ClusterClient, createClusterClient } from '../../src/kubernetes/client.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { badSpecs, goodSpecs } from '../own-kind-cases.ts';

const folder = join(import.meta.dirname, '../../deploy/crds');
const crds = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
const pathOf = ({ group, versions }: KindDefinition, plural: string): string => `/apis/${group}/${versions[0]}/namespaces/default/${plural}`;
const plurals = new Map(ownKinds.map(({ definition, plural }) => [definition.kind, plural]));

describe('CRDs in a real API server', { timeout: 1_200_000 }, () => {
  let cluster: ApiServer;
  let client: ClusterClient;
  before(async () => {
    cluster = await startApiServer();
    client = createClusterClient({ kubeconfig: cluster.kubeconfig }, systemClock);
  });
  after(async () => {
    client?.close();
    await cluster?.close();
  });

  test('the GatewayClass of the manifests is taken', async () => {
    await cluster.apply(join(folder, '../kubernetes/gateway-class.yaml'));
    assert.equal(await cluster.kubectl(['get', 'gatewayclass', 'sluice', '-o', 'jsonpath={.spec.controllerName}']), 'gateway.sluice.dev/controller');
  });

  /** What the API server says against a spec; undefined: nothing. */
  async function refusal(definition: KindDefinition, spec: object): Promise<string | undefined> {
    const { kind, group, versions } = definition;
    const body = { apiVersion: `${group}/${versions[0]}`, kind, metadata: { name: 'x' }, spec };
    try {
      await client.ask({ method: 'POST', path: pathOf(definition, plurals.get(kind) ?? ''), query: { dryRun: 'All', fieldValidation: 'Strict' }, body });
      return undefined;
    } catch (error) {
      if (error instanceof ApiError) return error.message;
      throw error;
    }
  }

  for (const [definition, spec] of goodSpecs) {
    test(`${definition.kind} takes ${JSON.stringify(spec)}`, async () => assert.equal(await refusal(definition, spec), undefined));
  }

  const told: string[] = [];
  for (const [definition, spec] of badSpecs) {
    test(`${definition.kind} refuses ${JSON.stringify(spec)}`, async () => {
      const message = await refusal(definition, spec);
      assert.match(message ?? 'nothing', /is invalid/);
      told.push(message ?? '');
    });
  }

  test('each rule in CEL has refused something', () => {
    const messages = new Set(crds.flatMap((text) => [...text.matchAll(/^ *- rule: .*\n *message: (.*)$/gm)].map(([, message = '']) => String(parse(message)))));
    assert.ok(messages.size > 5);
    const silent = [...messages].filter((message) => !told.some((text) => text.includes(message)));
    assert.deepEqual(silent, []);
  });

  test('the status of a policy and of a Backend is kept, and what is no condition is refused', async () => {
    const conditions = [
      { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'it is', lastTransitionTime: '2026-11-27T00:00:00Z', observedGeneration: 1 },
    ];
    const ancestors = [{ ancestorRef: { group: '', kind: 'Service', name: 'catalog' }, controllerName: 'gateway.sluice.dev/controller', conditions }];
    for (const { definition, example, plural, policy } of ownKinds) {
      await cluster.apply(example);
      const path = `${pathOf(definition, plural)}/${(parse(example) as { metadata: { name: string } }).metadata.name}/status`;
      const write = async (status: object): Promise<unknown> => {
        const written = await client.ask({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body: { status } });
        return (written as { readonly status: unknown }).status;
      };
      const said = policy ? { ancestors } : { conditions };
      assert.deepEqual(await write(said), said);
      const wrong = [{ ...conditions[0], status: 'Perhaps' }];
      await assert.rejects(write(policy ? { ancestors: [{ ...ancestors[0], conditions: wrong }] } : { conditions: wrong }), /Unsupported value/);
      assert.match(await cluster.kubectl(['get', plural]), /ACCEPTED +AGE\n.* True /);
    }
  });
});
