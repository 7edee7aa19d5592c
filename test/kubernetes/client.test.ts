import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { ApiError, ClusterAccessError } from '../../src/kubernetes/api-error.ts';
import { createClusterClient } from '../../src/kubernetes/client.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { startTcpProxy } from '../chaos/tcp-proxy.ts';

let cluster: ApiServer;
before(
  async () => {
    cluster = await startApiServer({ crds: false });
  },
  { timeout: 900_000 },
);
after(() => cluster?.close());

const configMaps = '/api/v1/namespaces/default/configmaps';

test('objects are read and applied', async () => {
  const client = createClusterClient({ kubeconfig: cluster.kubeconfig }, systemClock);
  assert.deepEqual([client.server, client.namespace], [cluster.url, 'default']);
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: { key: 'value' } };
  const apply = { method: 'PATCH', path: `${configMaps}/one`, contentType: 'application/apply-patch+yaml', query: { fieldManager: 'test' }, body } as const;
  await client.ask(apply);
  const read = (await client.ask({ path: `${configMaps}/one` })) as { readonly data: unknown };
  assert.deepEqual(read.data, { key: 'value' });
  client.close();
});

test('what is refused says why, in the words of the server', async () => {
  const client = createClusterClient({ kubeconfig: cluster.kubeconfig }, systemClock);
  await assert.rejects(client.ask({ path: `${configMaps}/none` }), (error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.status, error.reason, error.message], [404, 'NotFound', 'configmaps "none" not found']);
    return true;
  });
  client.close();
});

test('a token that is refused is read again, and the request sent once more', async () => {
  await cluster.apply('apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: one}\n');
  const kubeconfig = cluster.kubeconfigFor('of-nobody');
  const client = createClusterClient({ kubeconfig }, systemClock);
  await assert.rejects(client.ask({ path: '/api/v1/nodes' }), (error) => error instanceof ApiError && error.status === 401);
  const good = await cluster.serviceAccountToken('default', 'one');
  writeFileSync(kubeconfig, readFileSync(kubeconfig, 'utf8').replace('of-nobody', good));
  // The account may do nothing, which only one that is known is told.
  await assert.rejects(client.ask({ path: '/api/v1/nodes' }), (error) => error instanceof ApiError && error.status === 403);
  client.close();
});

test('a server that says nothing is waited for no longer than asked', async () => {
  await using proxy = await startTcpProxy(cluster.port, () => undefined);
  const [, token = ''] = /"token":"([^"]+)"/.exec(readFileSync(cluster.kubeconfig, 'utf8')) ?? [];
  const client = createClusterClient({ kubeconfig: cluster.kubeconfigFor(token, proxy.port) }, systemClock);
  await client.ask({ path: '/version' });
  proxy.trouble('stalled');
  await assert.rejects(client.ask({ path: '/version', timeoutMs: 300 }), { message: 'no answer to GET /version within 0.3 s' });
  proxy.trouble(undefined);
  await client.ask({ path: '/version' });
  client.close();
});

test('a stream goes on beyond its time, and ends with who reads it', async () => {
  const client = createClusterClient({ kubeconfig: cluster.kubeconfig }, systemClock);
  const ending = new AbortController();
  const { metadata } = (await client.ask({ path: configMaps })) as { readonly metadata: { readonly resourceVersion: string } };
  const query = { watch: true, resourceVersion: metadata.resourceVersion };
  const stream = await client.stream({ path: configMaps, query, timeoutMs: 500, signal: ending.signal });
  setTimeout(() => void cluster.apply('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: late}\n'), 1000);
  let text = '';
  await assert.rejects(async () => {
    for await (const part of stream) {
      text += part.toString();
      if (text.includes('"late"')) ending.abort();
    }
  });
  assert.match(text, /"late"/);
  client.close();
});

test('a context that is not there, or no cluster at all, is told', () => {
  assert.throws(() => createClusterClient({ kubeconfig: cluster.kubeconfig, context: 'other' }, systemClock), {
    message: 'there is no context other; there are test',
  });
  assert.throws(() => createClusterClient({ kubeconfig: '/nowhere' }, systemClock), ClusterAccessError);
});
