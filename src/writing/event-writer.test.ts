import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { createFakeClock } from '../../test/fake/clock.ts';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import type { Facts } from '../conditions/facts.ts';
import { diagnostic } from '../diagnostic.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import type { ClusterClient } from '../kubernetes/client.ts';
import { createLiveObjects } from '../kubernetes/live-objects.ts';
import { createEventWriter } from './event-writer.ts';

const view = fakeView(
  objectsOf(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop, uid: uid-1}
spec: {}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: sluice, uid: uid-2}
spec: {controllerName: gateway.sluice.dev/controller}
`),
);
const diagnostics = ['HTTPRoute shop/shop', 'GatewayClass sluice'].map((object) => diagnostic('ParametersNotFound', { object }, 'It is wrong.'));

/** What a writer that leads asked for in so much time, and logged. @param forbidden whether the API server refuses. */
async function written(namespaces: readonly string[], forbidden: boolean, milliseconds: number) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const logged: string[] = [];
  const facts: Facts = { view, diagnostics, attachedRoutes: new Map(), groups: new Map(), gatewayAddresses: new Map(), ingress: {} };
  const client = {
    async ask({ method = 'GET', path }: Parameters<ClusterClient['ask']>[0]): Promise<unknown> {
      asked.push(`${method} ${path}`);
      if (forbidden) throw new ApiError(403, 'Forbidden', 'events is forbidden');
      return {};
    },
  } as Partial<ClusterClient> as ClusterClient;
  const writer = createEventWriter({
    client,
    clock,
    namespaces,
    facts: () => facts,
    log: pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
    identity: 'a',
    live: createLiveObjects(new Set()),
    mayWrite: () => true,
    onWrite: () => undefined,
  });
  writer.lead();
  for (let passed = 0; passed < milliseconds; passed += 100) {
    clock.advance(100);
    await turn();
  }
  await writer.rest();
  return { asked: asked.map((one) => one.replace('/apis/events.k8s.io/v1/namespaces/', '')), logged };
}

test('an Event is in the namespace of its object, else in default, and only where objects are read', async () => {
  assert.deepEqual((await written([], false, 10_000)).asked, ['POST shop/events', 'POST default/events']);
  assert.deepEqual((await written(['shop'], false, 10_000)).asked, ['POST shop/events']);
  assert.deepEqual((await written(['default'], false, 10_000)).asked, ['POST default/events']);
});

test('a namespace in which no Events may be written is tried again every minute, and told once', async () => {
  const { asked, logged } = await written(['shop'], true, 200_000);
  assert.deepEqual(asked, ['POST shop/events', 'POST shop/events', 'POST shop/events', 'POST shop/events']);
  assert.equal(logged.length, 1, logged.join(''));
});
