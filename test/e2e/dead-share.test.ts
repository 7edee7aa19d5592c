import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, type StackOptions, startStack } from './harness.ts';
import { load, startLoad } from './load.ts';
import { type EndpointText, gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { assertShare, waitFor } from './wait.ts';

const weights = { v1: 70, v2: 30 };

interface Shop extends AsyncDisposable {
  readonly stack: Stack;
  readonly v1: HttpBackend;
  readonly v2: HttpBackend;
  /** The only endpoint of v2, with other conditions; undefined: none. */
  canary(conditions?: Omit<Exclude<EndpointText, number>, 'port'>): Promise<void>;
}

async function startShop(protocol: 'delta' | 'sotw' = 'delta', more: Pick<StackOptions, 'envoys' | 'settings'> = {}): Promise<Shop> {
  const v1 = await startHttpBackend('v1');
  const v2 = await startHttpBackend('v2');
  const base = [gatewayYaml, routeYaml('shop', weights), serviceYaml('v1', [v1.port])].join('\n---');
  const stack = await startStack({ objects: { 'base.yaml': base, 'v2.yaml': serviceYaml('v2', [v2.port]) }, protocol, ...more });
  return {
    stack,
    v1,
    v2,
    canary: (conditions) => stack.write('v2.yaml', serviceYaml('v2', conditions ? [{ port: v2.port, ...conditions }] : [])),
    async [Symbol.asyncDispose]() {
      await stack.close();
      await Promise.all([v1.close(), v2.close()]);
    },
  };
}

const isAlone = (stack: Stack) => async (): Promise<boolean> => (await load({ port: stack.httpPort, rate: 200, seconds: 0.3 })).by['v2'] === undefined;

async function comesAndGoes(canary: Shop['canary']): Promise<void> {
  for (let round = 0; round < 6; round++) {
    await sleep(100);
    await canary({ ready: false });
    await sleep(200);
    await canary({});
  }
}

describe('a canary without a ready endpoint gets nothing', () => {
  for (const protocol of ['delta', 'sotw'] as const) {
    test(`it ends, is gone and comes back under load, and no request fails (${protocol})`, async () => {
      await using shop = await startShop(protocol);
      const { stack, v2, canary } = shop;
      const clusters = await stack.stat('cluster_manager.cluster_modified');
      await using traffic = startLoad({ port: stack.httpPort, rate: 300, halfPost: true });
      for (let round = 0; round < 2; round++) {
        await waitFor('both are asked', async () => {
          const sample = await load({ port: stack.httpPort, rate: 500, seconds: 0.6 });
          assertShare(sample.by['v2'] ?? 0, sample.sent, 0.3, 'share of the canary');
          return true;
        });
        await canary({ ready: false, serving: true, terminating: true });
        await waitFor('only v1 is asked', isAlone(stack));
        const before = v2.count();
        await canary();
        await sleep(300);
        assert.equal(v2.count(), before);
        await canary({});
        await waitFor('the canary is asked', () => v2.count() > before);
      }
      const { sent, failed, failures } = await traffic.stop();
      assert.deepEqual([failed, failures], [0, []]);
      assert.ok(sent > 500);
      assert.equal(await stack.stat('cluster_manager.cluster_modified'), clusters);
    });
  }

  test('it is gone at once, and no request fails: the share goes before the last endpoint', async () => {
    await using shop = await startShop();
    const { stack, canary } = shop;
    await using traffic = startLoad({ port: stack.httpPort, rate: 500 });
    await comesAndGoes(canary);
    const { failed, failures } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
  });

  test('so it is while a few Envoys try a revision, for these and for the others', async () => {
    const release = { fusePercent: 30, fuseHoldMs: 300_000, canary: { share: { percent: 10 }, watchMs: 60_000 } };
    await using shop = await startShop('delta', { envoys: ['default', 'default', 'default'], settings: { release } });
    const { stack, canary, v1 } = shop;
    const rollout = () => stack.server().engine.releases()[0]?.rollout;
    // A change that no Envoy has yet is tried on one of them.
    const base = [gatewayYaml, routeYaml('shop', { v1: 60, v2: 40 }), serviceYaml('v1', [v1.port])].join('\n---');
    await waitFor('all have the first', () => stack.server().ads.nodes().length === 3 && rollout() === undefined);
    await stack.write('base.yaml', base);
    const { nodes } = await waitFor('it is tried', rollout);
    assert.equal(nodes.length, 1);
    await using traffic = startLoad({ port: stack.httpPort, rate: 500, connections: 60 });
    await comesAndGoes(canary);
    const { failed, failures } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
    assert.ok(rollout(), 'it is still tried');
  });

  test('it says so, and what is pinned does the same', async () => {
    await using shop = await startShop();
    const { stack, canary } = shop;
    const api = (path: string, body?: object): Promise<Response> =>
      fetch(`http://${stack.server().adminAddress}/api/v1/${path}`, {
        ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
    assert.equal((await api('pin', {})).status, 200);
    await canary({ ready: false });
    await waitFor('only v1 is asked', isAlone(stack));
    const { diagnostics } = (await (await api('diagnostics')).json()) as { diagnostics: readonly { code: string; at: { field?: string } }[] };
    assert.deepEqual(
      diagnostics.filter(({ code }) => code === 'ShareWithoutEndpoints').map(({ at }) => at.field),
      ['spec.rules[0].backendRefs[1]'],
    );
    const { outcome } = (await (await api('explain', { url: 'http://shop.test/' })).json()) as { outcome: { shares: readonly Record<string, unknown>[] } };
    assert.deepEqual(
      outcome.shares.map(({ cluster, percent, state, writtenPercent }) => [cluster, percent, state, writtenPercent]),
      [
        ['default/v1/80', 100, 'served', undefined],
        ['default/v2/80', 0, 'idle', 30],
      ],
    );
    await canary({});
    await waitFor('the canary is asked', async () => !(await isAlone(stack)()));
  });
});

test('a canary that is taken out of the split and removed: shares first, then its cluster; no request fails', async () => {
  await using shop = await startShop();
  const { stack } = shop;
  await using traffic = startLoad({ port: stack.httpPort, rate: 300, halfPost: true });
  await sleep(300);
  await stack.remove('v2.yaml');
  await stack.write('base.yaml', [gatewayYaml, routeYaml('shop', { v1: 1 }), serviceYaml('v1', [shop.v1.port])].join('\n---'));
  await waitFor('only v1 is asked', isAlone(stack));
  await waitFor('its cluster is removed', async () => (await stack.stat('cluster_manager.cluster_removed')) > 0);
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
});
