import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusAnswer } from '../../src/admin/api/status.ts';
import { startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { startLoad } from './load.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { startSilentBackend } from './silent-backend.ts';
import { waitFor } from './wait.ts';

const three = ['default', 'default', 'default'];
const withCanary = (watchMs: number) => ({ release: { fusePercent: 30, fuseHoldMs: 300_000, canary: { share: { percent: 10 }, watchMs } } });

async function release(stack: Stack): Promise<StatusAnswer['releases'][number] | undefined> {
  const answer = await fetch(`http://${stack.server().adminAddress}/api/v1/status`);
  return ((await answer.json()) as StatusAnswer).releases[0];
}

/** Asks the server for it, sooner than a process could start: the time of a watch goes on. @returns the status of the answer. */
async function command(stack: Stack, name: 'confirm' | 'discard'): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`http://${stack.server().adminAddress}/api/v1/${name}`, { method: 'POST', headers, body: '{}' })).status;
}

/** Ids of the Envoys whose whole configuration holds a text. */
async function having(stack: Stack, text: string): Promise<readonly string[]> {
  const dumps = await Promise.all(stack.envoys.map(async ({ adminAddress }) => (await fetch(`http://${adminAddress}/config_dump`)).text()));
  return dumps.flatMap((dump, index) => (dump.includes(text) ? [`envoy-${index}`] : []));
}

async function startThree(watchMs: number, ports: { readonly a: number; readonly b: number }): Promise<Stack> {
  const base = [gatewayYaml, serviceYaml('a', [ports.a]), serviceYaml('b', [ports.b])].join('\n---');
  const stack = await startStack({ objects: { 'base.yaml': base, 'route.yaml': routeYaml('shop', { a: 1 }) }, envoys: three, settings: withCanary(watchMs) });
  await waitFor('all have it', async () => (await having(stack, 'default/a/80')).length === 3 && (await release(stack))?.rollout === undefined);
  return stack;
}

test('a new revision goes to one of three Envoys first and, when it is good, to all; no request fails', async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  await using stack = await startThree(15_000, { a: a.port, b: b.port });
  await using traffic = startLoad({ port: stack.httpPort, rate: 100, connections: 64 });
  await stack.write('route.yaml', routeYaml('shop', { b: 1 }));
  const { nodes } = await waitFor('it is tried', async () => (await release(stack))?.rollout);
  assert.equal(nodes.length, 1);
  await waitFor('that one has it', async () => (await having(stack, 'default/b/80')).length > 0);
  await sleep(1000);
  assert.deepEqual(await having(stack, 'default/b/80'), nodes, 'the others do not');
  await waitFor('all have it', async () => (await having(stack, 'default/b/80')).length === 3);
  assert.equal((await release(stack))?.rollout, undefined);
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
});

test('a revision that its first Envoy refuses goes back by itself; the others never have it, and something newer is tried anew', async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  // A port that somebody else has: Envoy cannot bind it, which nothing but an Envoy can know.
  const other = createServer();
  await new Promise<void>((resolve) => other.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve));
  const taken = (other.address() as { readonly port: number }).port;
  await using stack = await startThree(60_000, { a: a.port, b: b.port });
  try {
    await using traffic = startLoad({ port: stack.httpPort, rate: 100, connections: 64 });
    const bad = `${gatewayYaml.replace('metadata: {name: gateway}', 'metadata: {name: taken}').replace('port: 80', `port: ${taken}`)}`;
    await stack.write('bad.yaml', bad);
    const held = await waitFor('it goes back', async () => (await release(stack))?.held);
    assert.equal(held.reason, 'canary');
    assert.match(held.why, /^envoy-\d refused listeners: .*(bind|in use)/i);
    await sleep(1000);
    const refused = await Promise.all(stack.envoys.map((envoy) => stack.stat('listener_manager.listener_create_failure', envoy)));
    assert.equal(refused.filter((count) => count > 0).length, 1, `of three Envoys one was asked: ${refused}`);

    await stack.remove('bad.yaml');
    await stack.write('route.yaml', routeYaml('shop', { b: 1 }));
    await waitFor('something newer is tried', async () => (await release(stack))?.rollout);
    assert.equal(await command(stack, 'confirm'), 200);
    await waitFor('all have it', async () => (await having(stack, 'default/b/80')).length === 3);
    const { failed, failures } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
  } finally {
    other.close();
  }
});

test('a revision whose cluster does not get warm on its first Envoy goes back by itself; no request fails', async () => {
  await using a = await startHttpBackend('a');
  // The first health check, for which Envoy waits, does not end.
  await using silent = await startSilentBackend();
  await using stack = await startThree(3000, { a: a.port, b: silent.port });
  await using traffic = startLoad({ port: stack.httpPort, rate: 100, connections: 64 });
  const policy = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: b}
spec:
  targetRefs: [{group: "", kind: Service, name: b}]
  healthCheck: {http: {path: /}, interval: 60s, timeout: 60s}`;
  await stack.write('route.yaml', [routeYaml('shop', { b: 1 }), policy].join('\n---'));
  const [first = ''] = (await waitFor('it is tried', async () => (await release(stack))?.rollout)).nodes;
  const held = await waitFor('it goes back', async () => (await release(stack))?.held);
  assert.equal(held.reason, 'canary');
  assert.match(held.why, new RegExp(`^${first} has not acknowledged all of it within 3 s: its clusters do not get warm`));
  await sleep(1000);
  const { failed, failures, sent } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
  assert.ok(sent > 300);
  assert.equal((await stack.http('/')).body, 'a');
});

test('a revision whose first Envoy dies goes back, and a person may take one back', async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  await using stack = await startThree(3000, { a: a.port, b: b.port });
  await stack.write('route.yaml', routeYaml('shop', { b: 1 }));
  const [first = ''] = (await waitFor('it is tried', async () => (await release(stack))?.rollout)).nodes;
  await stack.envoys[Number(first.slice('envoy-'.length))]?.stop();
  const held = await waitFor('it goes back', async () => (await release(stack))?.held);
  assert.match(held.why, new RegExp(`${first} is not connected any more`));
  assert.equal((await stack.http('/')).body, 'a');

  await stack.write('route.yaml', routeYaml('shop', { a: 1, b: 1 }));
  await waitFor('something newer is tried', async () => (await release(stack))?.rollout);
  assert.equal(await command(stack, 'discard'), 200);
  assert.match((await release(stack))?.held?.why ?? '', /discarded/);
});

test('a revision whose first Envoy gets slower goes back by itself, by what the Envoys report', { timeout: 600_000 }, async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b', { behaviour: { delayMs: 1500 } });
  await using stack = await startThree(90_000, { a: a.port, b: b.port });
  // Each on a connection of its own, so that every Envoy gets its part.
  await using traffic = startLoad({ port: stack.httpPort, rate: 90, connections: 64, headers: { connection: 'close' } });
  const { latency } = stack.server().ads;
  const timed = (index: number): number =>
    Array.from(latency.node({ group: 'default', node: `envoy-${index}` }, Number.NEGATIVE_INFINITY)).reduce((sum, count) => sum + count, 0);
  await waitFor('each of them has told of enough requests', () => [0, 1, 2].every((index) => timed(index) >= 100), 120_000);
  await stack.write('route.yaml', routeYaml('shop', { b: 1 }));
  await waitFor('it is tried', async () => (await release(stack))?.rollout);
  const held = await waitFor('it goes back', async () => (await release(stack))?.held, 120_000);
  assert.equal(held.reason, 'canary');
  assert.match(held.why, /% of \d+ requests of the Envoys that have it take longer than \d+ ms, and before it [\d.]+% did; of the others/);
  await waitFor('nobody has it any more', async () => (await having(stack, 'default/b/80')).length === 0);
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
});

test('a revision whose first Envoy fails requests goes back by itself, by what the Envoys report; the others never have it', { timeout: 600_000 }, async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b', { behaviour: { status: 500 } });
  await using stack = await startThree(90_000, { a: a.port, b: b.port });
  // Each on a connection of its own, so that every Envoy gets its part.
  const load = { port: stack.httpPort, rate: 150, connections: 64, headers: { connection: 'close' } };
  await using traffic = startLoad(load);
  await waitFor('traffic flows', () => a.count() >= 100);
  assert.equal(traffic.now().failed, 0);
  await stack.write('route.yaml', routeYaml('shop', { b: 1 }));
  const { nodes } = await waitFor('it is tried', async () => (await release(stack))?.rollout);
  assert.equal(nodes.length, 1);
  await waitFor('that one has it', async () => (await having(stack, 'default/b/80')).length > 0);
  assert.deepEqual(await having(stack, 'default/b/80'), nodes, 'the others do not');
  const held = await waitFor('it goes back', async () => (await release(stack))?.held, 120_000);
  assert.equal(held.reason, 'canary');
  assert.match(held.why, /^\d[\d.]*% of \d+ requests of the Envoys that have it fail, and 0% of \d+ of the others$/);
  await waitFor('nobody has it any more', async () => (await having(stack, 'default/b/80')).length === 0);
  const { failures } = await traffic.stop();
  assert.ok(failures.length > 0, 'the one Envoy did fail requests');
  const { sent, failed } = await startLoad({ ...load, seconds: 2 }).done;
  assert.ok(sent > 0);
  assert.equal(failed, 0, 'all requests are served as before');
});
