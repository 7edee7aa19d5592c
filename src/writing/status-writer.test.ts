import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { createFakeClock } from '../../test/fake/clock.ts';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import type { Facts } from '../conditions/facts.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import type { ClusterClient } from '../kubernetes/client.ts';
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
  const client = {
    async ask({ method = 'GET', path, body }: Parameters<ClusterClient['ask']>[0]): Promise<unknown> {
      if (path === '/apis/gateway.sluice.dev/v1alpha1') return { resources: [{ name: 'backends', kind: 'Backend' }] };
      const [, namespace = '', name = ''] = /\/namespaces\/([^/]+)\/backends\/([^/]+)/.exec(path) ?? [];
      const metadata = { namespace, name, uid: `${namespace}-${name}`, resourceVersion: '1' };
      if (method === 'GET' && name !== '') return { metadata, status: written.get(metadata.uid) ?? {} };
      if (method === 'GET') return { metadata: { resourceVersion: '1' }, items: [] };
      if (namespace === 'forbidden' && isForbidden) {
        refused += 1;
        throw new ApiError(403, 'Forbidden', 'backends/status is forbidden');
      }
      written.set(metadata.uid, (body as { readonly status: object }).status);
      return {};
    },
  } as Partial<ClusterClient> as ClusterClient;
  const writer = createStatusWriter({
    client,
    clock,
    facts: () => facts,
    log: pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
    identity: 'a',
    namespaces: [],
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
