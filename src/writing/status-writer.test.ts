import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import { createWriterContext } from '../../test/fake/writer-context.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import { createLiveObjects } from '../kubernetes/live-objects.ts';
import { keyText } from '../store/sink.ts';
import { createStatusWriter } from './status-writer.ts';

const backend = (namespace: string, name: string): string => `apiVersion: gateway.sluice.dev/v1alpha1
kind: Backend
metadata: {namespace: ${namespace}, name: ${name}, uid: ${namespace}-${name}, generation: 1}
spec: {endpoints: [{address: 10.0.0.7, port: 80}]}
`;
const resource = { apiVersion: 'gateway.sluice.dev/v1alpha1', plural: 'backends' };
/** A Backend as the API server has it. */
const rawOf = (namespace: string, name: string, resourceVersion = '1') => ({ metadata: { namespace, name, uid: `${namespace}-${name}`, resourceVersion } });

test('where no status may be written not every object is tried again, and all are written once they may be', async () => {
  const names = Array.from({ length: 1000 }, (_, index) => `b${index}`);
  const view = fakeView(objectsOf([...names.map((name) => backend('forbidden', name)), backend('allowed', 'b')].join('---\n')));
  const written = new Map<string, object>();
  let refused = 0;
  let isForbidden = true;
  const live = createLiveObjects(new Set(['Backend']));
  for (const object of view.list('Backend')) live.tell(keyText(object), 'Backend', resource, rawOf(object.namespace, object.name), true);
  const { context, logged, pass } = createWriterContext({
    facts: { view },
    live,
    async ask({ method, path, body }) {
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
  });
  const writer = createStatusWriter(context);
  writer.lead();
  await pass(170_000);
  assert.deepEqual([...written.keys()], ['allowed-b']);
  // At the beginning, and twice more a minute later: as many as are under way at once.
  assert.ok(refused > 0 && refused <= 3 * 8, `${refused} requests are refused`);
  assert.equal(logged.length, 1, logged.join(''));
  isForbidden = false;
  await pass(90_000);
  assert.equal(written.size, 1001);
  await writer.rest();
});

test('where somebody else wrote just before it is tried again with what is told of it, and nothing is logged', async () => {
  const live = createLiveObjects(new Set(['Backend']));
  const tell = (resourceVersion: string): void => live.tell('Backend/shop/b', 'Backend', resource, rawOf('shop', 'b', resourceVersion), true);
  tell('1');
  const asked: string[] = [];
  const results: string[] = [];
  const { context, logged, pass } = createWriterContext({
    facts: { view: fakeView(objectsOf(backend('shop', 'b'))) },
    live,
    onWrite: ({ result }) => void results.push(result),
    async ask({ body }) {
      const { metadata } = body as { readonly metadata: { readonly resourceVersion: string } };
      asked.push(metadata.resourceVersion);
      if (metadata.resourceVersion === '1') throw new ApiError(409, 'Conflict', 'the object has been modified');
      return { ...(body as object), metadata: { ...metadata, resourceVersion: '3' } };
    },
  });
  const writer = createStatusWriter(context);
  writer.lead();
  await pass(3000);
  assert.ok(asked.length > 1 && asked.every((version) => version === '1'), `nobody told of it yet: ${asked}`);
  tell('2');
  await pass(5000);
  assert.deepEqual(
    asked.filter((version) => version !== '1'),
    ['2'],
  );
  assert.deepEqual([results, logged, live.get('Backend/shop/b')?.metadata.resourceVersion], [['written'], [], '3']);
  await writer.rest();
});
