import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { createFakeClock } from '../../test/fake/clock.ts';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import type { Facts } from '../conditions/facts.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import type { ClusterClient } from '../kubernetes/client.ts';
import { createLiveObjects } from '../kubernetes/live-objects.ts';
import { keyText } from '../store/sink.ts';
import { createStatusWriter } from './status-writer.ts';

const backend = (namespace: string, name: string): string => `apiVersion: gateway.sluice.dev/v1alpha1
kind: Backend
metadata: {namespace: ${namespace}, name: ${name}, uid: ${namespace}-${name}, generation: 1}
spec: {endpoints: [{address: 10.0.0.7, port: 80}]}
`;

test('where no status may be written not every object is tried again, and all are written once they may be', async () => {
  const clock = createFakeClock();
  const names = Array.from({ length: 1000 }, (_, index) => `b${index}`);
  const view = fakeView(objectsOf([...names.map((name) => backend('forbidden', name)), backend('allowed', 'b')].join('---\n')));
  const facts: Facts = { view, diagnostics: [], attachedRoutes: new Map(), groups: new Map(), gatewayAddresses: new Map(), ingress: {} };
  const logged: string[] = [];
  const written = new Map<string, object>();
  let refused = 0;
  let isForbidden = true;
  const live = createLiveObjects(new Set(['Backend']));
  const resource = { apiVersion: 'gateway.sluice.dev/v1alpha1', plural: 'backends' };
  const rawOf = (namespace: string, name: string) => ({ metadata: { namespace, name, uid: `${namespace}-${name}`, resourceVersion: '1' } });
  for (const object of view.list('Backend')) live.tell(keyText(object), 'Backend', resource, rawOf(object.namespace, object.name), true);
  const client = {
    async ask({ method, path, body }: Parameters<ClusterClient['ask']>[0]): Promise<unknown> {
      const [, namespace = '', name = ''] = /\/namespaces\/([^/]+)\/backends\/([^/]+)\/status$/.exec(path) ?? [];
      if (method !== 'PATCH' || name === '') throw new Error(`${method} ${path} is asked`);
      const { metadata } = rawOf(namespace, name);
      if (namespace === 'forbidden' && isForbidden) {
        refused += 1;
        throw new ApiError(403, 'Forbidden', 'backends/status is forbidden');
      }
      written.set(metadata.uid, (body as { readonly status: object }).status);
      return { metadata, ...(body as object) };
    },
  } as Partial<ClusterClient> as ClusterClient;
  const writer = createStatusWriter({
    client,
    clock,
    facts: () => facts,
    log: pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
    identity: 'a',
    namespaces: [],
    live,
    mayWrite: () => true,
    onWrite: () => undefined,
  });
  async function pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds * 2; passed++) {
      clock.advance(500);
      for (let turns = 0; turns < 20; turns++) await turn();
    }
  }
  writer.lead();
  await pass(170);
  assert.deepEqual([...written.keys()], ['allowed-b']);
  // At the beginning, and twice more a minute later: as many as are under way at once.
  assert.ok(refused > 0 && refused <= 3 * 8, `${refused} requests are refused`);
  assert.equal(logged.length, 1, logged.join(''));
  isForbidden = false;
  await pass(90);
  assert.equal(written.size, 1001);
  await writer.rest();
});

test('where somebody else wrote just before it is tried again with what is told of it, and nothing is logged', async () => {
  const clock = createFakeClock();
  const view = fakeView(objectsOf(backend('shop', 'b')));
  const facts: Facts = { view, diagnostics: [], attachedRoutes: new Map(), groups: new Map(), gatewayAddresses: new Map(), ingress: {} };
  const live = createLiveObjects(new Set(['Backend']));
  const tell = (resourceVersion: string): void =>
    live.tell(
      'Backend/shop/b',
      'Backend',
      { apiVersion: 'gateway.sluice.dev/v1alpha1', plural: 'backends' },
      { metadata: { namespace: 'shop', name: 'b', uid: 'shop-b', resourceVersion } },
      true,
    );
  tell('1');
  const asked: string[] = [];
  const logged: string[] = [];
  const results: string[] = [];
  const client = {
    async ask({ body }: Parameters<ClusterClient['ask']>[0]): Promise<unknown> {
      const { metadata } = body as { readonly metadata: { readonly resourceVersion: string } };
      asked.push(metadata.resourceVersion);
      if (metadata.resourceVersion === '1') throw new ApiError(409, 'Conflict', 'the object has been modified');
      return { ...(body as object), metadata: { ...metadata, resourceVersion: '3' } };
    },
  } as Partial<ClusterClient> as ClusterClient;
  const writer = createStatusWriter({
    client,
    clock,
    facts: () => facts,
    log: pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
    identity: 'a',
    namespaces: [],
    live,
    mayWrite: () => true,
    onWrite: ({ result }) => void results.push(result),
  });
  const pass = async (seconds: number): Promise<void> => {
    for (let passed = 0; passed < seconds * 2; passed++) {
      clock.advance(500);
      for (let turns = 0; turns < 20; turns++) await turn();
    }
  };
  writer.lead();
  await pass(3);
  assert.ok(asked.length > 1 && asked.every((version) => version === '1'), `nobody told of it yet: ${asked}`);
  tell('2');
  await pass(5);
  assert.deepEqual(
    asked.filter((version) => version !== '1'),
    ['2'],
  );
  assert.deepEqual([results, logged, live.get('Backend/shop/b')?.metadata.resourceVersion], [['written'], [], '3']);
  await writer.rest();
});
