import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { assertShare, waitFor } from './wait.ts';

const policyYaml = (stickyOn: string): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: sides}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop}]
  split: {stickyOn: ${stickyOn}}`;

interface Side {
  readonly backend: string;
  /** What the client is to keep; undefined: nothing. */
  readonly setCookie: string | undefined;
}

/** One request for each of the headers, over connections that the two Envoys share: which of them takes a request is chance. */
async function sidesOf(port: number, all: readonly Readonly<Record<string, string>>[]): Promise<readonly Side[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 24 });
  const ask = (headers: Readonly<Record<string, string>>): Promise<Side> =>
    new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port, agent, headers: { ...headers } }, async (response) => {
        let backend = '';
        for await (const chunk of response.setEncoding('utf8')) backend += chunk;
        resolve({ backend, setCookie: response.headers['set-cookie']?.[0] });
      });
      call.on('error', reject).end();
    });
  const found: Side[] = [];
  for (let from = 0; from < all.length; from += 240) found.push(...(await Promise.all(all.slice(from, from + 240).map(ask))));
  agent.destroy();
  return found;
}

const users = (count: number): Record<string, string>[] => Array.from({ length: count }, (_, user) => ({ cookie: `theme=dark; side=user-${user}` }));
const isCanary = ({ backend }: Side): boolean => backend === 'v2';

async function setShare(stack: Stack, percent: number): Promise<void> {
  const acknowledged = await Promise.all(stack.envoys.map((envoy) => stack.stat('http.default/80.rds.default/80.update_success', envoy)));
  await stack.write('route.yaml', routeYaml('shop', { v1: 100 - percent, v2: percent }));
  await waitFor('both Envoys have the new weights', async () => {
    for (const [index, envoy] of stack.envoys.entries()) {
      assert.ok((await stack.stat('http.default/80.rds.default/80.update_success', envoy)) > (acknowledged[index] ?? 0));
    }
    return true;
  });
}

test('a sticky split keeps 10,000 users on their side on two Envoys, and a share that grows and shrinks moves only those who must move', async () => {
  await using v1 = await startHttpBackend('v1');
  await using v2 = await startHttpBackend('v2');
  const objects = {
    'services.yaml': [gatewayYaml, serviceYaml('v1', [v1.port]), serviceYaml('v2', [v2.port])].join('\n---'),
    'route.yaml': routeYaml('shop', { v1: 90, v2: 10 }),
    'policy.yaml': policyYaml('{cookie: {name: side, ttl: 24h}}'),
  };
  await using stack = await startStack({ objects, envoys: ['default', 'default'] });
  const all = users(10_000);
  const ten = await sidesOf(stack.httpPort, all);
  assertShare(ten.filter(isCanary).length, all.length, 0.1, 'share of v2');
  for (const envoy of stack.envoys) assert.ok((await stack.stat('http.default/80.downstream_rq_total', envoy)) > 1000, 'both Envoys were asked');

  await setShare(stack, 20);
  const twenty = await sidesOf(stack.httpPort, all.slice(0, 5000));
  assertShare(twenty.filter(isCanary).length, twenty.length, 0.2, 'share of v2');
  assert.deepEqual(
    twenty.filter((side, user) => !isCanary(side) && ten[user]?.backend === 'v2'),
    [],
    'nobody left the canary',
  );

  await setShare(stack, 10);
  const back = await sidesOf(stack.httpPort, all.slice(0, 2000));
  assert.deepEqual(
    back.map(({ backend }) => backend),
    ten.slice(0, 2000).map(({ backend }) => backend),
    'everybody is where he was',
  );
  assert.ok(
    [...ten, ...twenty, ...back].every(({ setCookie }) => setCookie === undefined),
    'who has the cookie gets no other',
  );
});

test('who comes without a cookie is drawn by the same shares, and the cookie leads to the same side', async () => {
  await using v1 = await startHttpBackend('v1');
  await using v2 = await startHttpBackend('v2');
  const objects = {
    'services.yaml': [gatewayYaml, serviceYaml('v1', [v1.port]), serviceYaml('v2', [v2.port])].join('\n---'),
    'route.yaml': routeYaml('shop', { v1: 7, v2: 3 }),
    'policy.yaml': policyYaml('{cookie: {name: side, ttl: 24h}}'),
  };
  await using stack = await startStack({ objects, envoys: ['default', 'default'] });
  const first = await sidesOf(
    stack.httpPort,
    Array.from({ length: 3000 }, () => ({ 'x-forwarded-proto': 'https' })),
  );
  assertShare(first.filter(isCanary).length, first.length, 0.3, 'share of v2');
  assert.match(first[0]?.setCookie ?? '', /^side=[0-9a-f]{32}; Path=\/; Max-Age=86400; HttpOnly; SameSite=Lax$/);
  assert.equal(new Set(first.map(({ setCookie }) => setCookie)).size, first.length, 'every client has one of its own');
  const again = await sidesOf(
    stack.httpPort,
    first.slice(0, 1000).map(({ setCookie = '' }) => ({ cookie: setCookie.split(';')[0] ?? '' })),
  );
  assert.deepEqual(
    again.map(({ backend }) => backend),
    first.slice(0, 1000).map(({ backend }) => backend),
  );

  // What explain says is what Envoy does.
  for (const user of ['anna', 'ben', 'céline', 'd=e']) {
    const answer = await fetch(`http://${stack.server().adminAddress}/api/v1/explain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: 'http://shop.example/', headers: [['cookie', `side=${encodeURIComponent(user)}`]] }),
    });
    const { outcome } = (await answer.json()) as { outcome: { sticky: { place: { cluster: string } } } };
    const [side] = await sidesOf(stack.httpPort, [{ cookie: `side=${encodeURIComponent(user)}` }]);
    assert.equal(outcome.sticky.place.cluster, `default/${side?.backend}/80`, user);
  }
});

test('a header keeps users on their side as well; who has none is drawn for each request', async () => {
  await using v1 = await startHttpBackend('v1');
  await using v2 = await startHttpBackend('v2');
  const objects = {
    'services.yaml': [gatewayYaml, serviceYaml('v1', [v1.port]), serviceYaml('v2', [v2.port])].join('\n---'),
    'route.yaml': routeYaml('shop', { v1: 1, v2: 1 }),
    'policy.yaml': policyYaml('{header: X-User}'),
  };
  await using stack = await startStack({ objects });
  const known = Array.from({ length: 200 }, (_, user) => ({ 'x-user': `user-${user % 20}` }));
  const sides = await sidesOf(stack.httpPort, known);
  for (const [index, { backend }] of sides.entries()) assert.equal(backend, sides[index % 20]?.backend);
  assert.equal(new Set(sides.map(({ backend }) => backend)).size, 2);
  const unknown = await sidesOf(
    stack.httpPort,
    Array.from({ length: 1000 }, () => ({})),
  );
  assertShare(unknown.filter(isCanary).length, unknown.length, 0.5, 'share of v2');
  assert.ok(unknown.every(({ setCookie }) => setCookie === undefined));
});
