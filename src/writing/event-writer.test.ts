import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeView, objectsOf, routeAndClass } from '../../test/fake/objects.ts';
import { createWriterContext } from '../../test/fake/writer-context.ts';
import { diagnostic } from '../diagnostic.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import { createEventWriter } from './event-writer.ts';

const view = fakeView(objectsOf(routeAndClass));
const diagnostics = ['HTTPRoute billing/shop', 'GatewayClass sluice'].map((object) => diagnostic('ParametersNotFound', { object }, 'It is wrong.'));

/** What a writer that leads asked for in so much time, and logged. @param forbidden whether the API server refuses. */
async function written(namespaces: readonly string[], forbidden: boolean, milliseconds: number) {
  const asked: string[] = [];
  const { context, logged, pass } = createWriterContext({
    facts: { view, diagnostics },
    namespaces,
    async ask({ method = 'GET', path }) {
      asked.push(`${method} ${path}`);
      if (forbidden) throw new ApiError(403, 'Forbidden', 'events is forbidden');
      return {};
    },
  });
  const writer = createEventWriter(context);
  writer.lead();
  await pass(milliseconds);
  await writer.rest();
  return { asked: asked.map((one) => one.replace('/apis/events.k8s.io/v1/namespaces/', '')), logged };
}

test('an Event is in the namespace of its object, else in default, and only where objects are read', async () => {
  assert.deepEqual((await written([], false, 10_000)).asked, ['POST billing/events', 'POST default/events']);
  assert.deepEqual((await written(['billing'], false, 10_000)).asked, ['POST billing/events']);
  assert.deepEqual((await written(['default'], false, 10_000)).asked, ['POST default/events']);
});

test('a namespace in which no Events may be written is tried again every minute, and told once', async () => {
  const { asked, logged } = await written(['billing'], true, 200_000);
  assert.deepEqual(asked, ['POST billing/events', 'POST billing/events', 'POST billing/events', 'POST billing/events']);
  assert.equal(logged.length, 1, logged.join(''));
});
