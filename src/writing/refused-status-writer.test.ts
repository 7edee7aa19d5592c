import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsOf } from '../../test/fake/objects.ts';
import { createWriterContext } from '../../test/fake/writer-context.ts';
import { diagnostic } from '../diagnostic.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import { createLiveObjects } from '../kubernetes/live-objects.ts';
import { createStore } from '../store/store.ts';
import { createRefusedStatusWriter } from './refused-status-writer.ts';

const path = '/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/shop';

const gatewayYaml = (name: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}`;

/** A writer that leads, a store, and an API server with one route that is not valid. */
function started(parents: readonly string[]) {
  const store = createStore(['cluster']);
  const sink = store.sink('cluster');
  sink.list([]);
  const asked: string[] = [];
  let status: object | undefined;
  const server = { isAway: false };
  const metadata = { name: 'shop', namespace: 'default', uid: 'uid', resourceVersion: '1', generation: 1 };
  const raw = (): object => ({ metadata, spec: { parentRefs: parents.map((name) => ({ name })) }, ...(status && { status }) });
  const live = createLiveObjects(new Set(['HTTPRoute']));
  live.tell('HTTPRoute/default/shop', 'HTTPRoute', { apiVersion: 'gateway.networking.k8s.io/v1', plural: 'httproutes' }, raw(), false);
  const diagnostics = [diagnostic('InvalidField', { object: 'HTTPRoute default/shop' }, 'It is wrong.')];
  const { context, pass } = createWriterContext({
    facts: { view: store.view, diagnostics },
    live,
    async ask({ method = 'GET', path: of, body }) {
      asked.push(method);
      if (server.isAway) throw new Error('away');
      if (of !== `${path}/status`) throw new ApiError(404, 'NotFound', of);
      ({ status } = body as { readonly status: object });
      return raw();
    },
  });
  const writer = createRefusedStatusWriter(context);
  writer.lead();
  return {
    asked,
    server,
    async put(yaml: string): Promise<void> {
      sink.change({ put: objectsOf(yaml), remove: [] });
      writer.touch();
      await pass(5000);
    },
    pass,
    /** Of which Gateways the route says that it is not accepted. */
    said: () =>
      ((status as { readonly parents?: readonly { readonly parentRef: { readonly name: string } }[] })?.parents ?? []).map((one) => one.parentRef.name),
  };
}

test('a route that is not valid says so of Gateways that come after it too', async () => {
  const { asked, put, said } = started(['first', 'second']);
  await put(gatewayYaml('other'));
  assert.deepEqual(said(), []);
  await put(gatewayYaml('first'));
  assert.deepEqual(said(), ['first']);
  await put(gatewayYaml('second'));
  assert.deepEqual(said(), ['first', 'second']);
  const before = asked.length;
  await put('apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {ports: [{port: 80}]}\n');
  assert.equal(asked.length, before, 'nothing that concerns it changed');
});

test('what could not be written is tried again, whatever else happens meanwhile', async () => {
  const { server, put, pass, said } = started(['first']);
  server.isAway = true;
  await put(gatewayYaml('first'));
  await put('apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {ports: [{port: 80}]}\n');
  server.isAway = false;
  assert.deepEqual(said(), []);
  await pass(40_000);
  assert.deepEqual(said(), ['first']);
});
