import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { load } from './load.ts';
import { type EndpointText, gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { patienceMs, waitFor } from './wait.ts';

const policyYaml = (affinity: string, more = ''): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: sessions}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop}]
  sessionAffinity: ${affinity}
  ${more}
---
apiVersion: v1
kind: Secret
metadata: {name: sluice-session}
stringData: {key: 6f2d6c1f0a4b4d0e9f3a}`;

/** The server that a session is on, and the token that it has now. */
interface Visit {
  readonly backend: string;
  readonly token: string;
}

async function visit(stack: Stack, token?: string): Promise<Visit> {
  const { status, body, headers } = await stack.http('/', { headers: token === undefined ? {} : { cookie: `theme=dark; ${token}` } });
  assert.equal(status, 200);
  const made = headers['set-cookie']?.[0];
  if (made !== undefined) assert.match(made, /^session=[0-9a-f]{32,}; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/);
  assert.equal(headers['x-sluice-endpoint'], undefined);
  return { backend: body, token: made?.split(';')[0] ?? token ?? '' };
}

const again = (stack: Stack, visits: readonly Visit[]): Promise<readonly Visit[]> => Promise.all(visits.map(({ token }) => visit(stack, token)));

async function setEndpoints(stack: Stack, endpoints: readonly EndpointText[]): Promise<void> {
  await stack.write('service.yaml', serviceYaml('web', endpoints));
  const ready = endpoints.filter((endpoint) => typeof endpoint === 'number').length;
  for (const envoy of stack.envoys) {
    await waitFor('the endpoints have arrived', async () => {
      const [total, healthy] = await Promise.all(['total', 'healthy'].map((what) => stack.stat(`cluster.default/web/80.membership_${what}`, envoy)));
      return total === endpoints.length && healthy === ready;
    });
  }
}

const movedFrom = (before: readonly Visit[], after: readonly Visit[]): string[] =>
  before.flatMap(({ backend }, index) => (after[index]?.backend === backend ? [] : [backend]));

test('sessions stay with endpoints that are joined by others or end, on every Envoy, and only those of one that is gone move', async () => {
  const all: HttpBackend[] = [];
  for (const name of ['a', 'b', 'c', 'd']) all.push(await startHttpBackend(name));
  try {
    const [a = 0, b = 0, c = 0, d = 0] = all.map(({ port }) => port);
    const objects = {
      'gateway.yaml': gatewayYaml,
      'route.yaml': routeYaml('shop', { web: 1 }),
      'service.yaml': serviceYaml('web', [a, b, c]),
      'policy.yaml': policyYaml('{cookie: {name: session, ttl: 1h}}'),
    };
    await using stack = await startStack({ objects, envoys: ['default', 'default'] });
    const tables = await Promise.all(stack.envoys.map((envoy) => stack.stat('http.default/80.rds.default/80.update_success', envoy)));

    const first = await Promise.all(Array.from({ length: 60 }, () => visit(stack)));
    assert.equal(new Set(first.map(({ backend }) => backend)).size, 3);
    for (const { token } of first) {
      const value = token.split('=')[1] ?? '';
      const decoded = [value, Buffer.from(value, 'hex').toString('latin1'), Buffer.from(value, 'base64').toString('latin1')];
      assert.ok(decoded.every((text) => !text.includes('127.0.0.1')));
    }
    // The same connections, Envoys and endpoints in any combination.
    for (let round = 0; round < 3; round++) assert.deepEqual(movedFrom(first, await again(stack, first)), []);

    await setEndpoints(stack, [a, b, c, d]);
    assert.deepEqual(movedFrom(first, await again(stack, first)), [], 'one more endpoint moves nobody');

    await setEndpoints(stack, [{ port: a, ready: false, serving: true, terminating: true }, b, c, d]);
    assert.deepEqual(movedFrom(first, await again(stack, first)), [], 'an endpoint that ends keeps its sessions');
    const fresh = await Promise.all(Array.from({ length: 30 }, () => visit(stack)));
    assert.ok(
      fresh.every(({ backend }) => backend !== 'a'),
      'and gets no new ones',
    );

    await setEndpoints(stack, [b, c, d]);
    const after = await again(stack, first);
    assert.deepEqual(new Set(movedFrom(first, after)), new Set(['a']), 'only its own move');
    assert.ok(after.every(({ backend }) => backend !== 'a'));
    assert.deepEqual(movedFrom(after, await again(stack, after)), [], 'and stay where they came');

    // Endpoints are no part of routes.
    const now = await Promise.all(stack.envoys.map((envoy) => stack.stat('http.default/80.rds.default/80.update_success', envoy)));
    assert.deepEqual(now, tables);

    // What nobody made leads nowhere, and is replaced.
    const [some] = after;
    const forged = `${some?.token.slice(0, -1)}${some?.token.endsWith('0') ? '1' : '0'}`;
    for (const token of [forged, 'session=127.0.0.1:1', 'session=', `session=${'f'.repeat(64)}`]) {
      const { token: made } = await visit(stack, token);
      assert.notEqual(made, token);
    }
  } finally {
    for (const backend of all) await backend.close();
  }
});

test('a sticky canary and its sessions: weights that change move only those who change sides', async () => {
  const all: HttpBackend[] = [];
  for (const name of ['a', 'b', 'c', 'd']) all.push(await startHttpBackend(name));
  try {
    const [a = 0, b = 0, c = 0, d = 0] = all.map(({ port }) => port);
    const objects = {
      'gateway.yaml': gatewayYaml,
      'route.yaml': routeYaml('shop', { web: 80, canary: 20 }),
      'service.yaml': [serviceYaml('web', [a, b]), serviceYaml('canary', [c, d])].join('\n---'),
      'policy.yaml': policyYaml('{cookie: {name: session, ttl: 1h}}', 'split: {stickyOn: {cookie: {name: side}}}'),
    };
    await using stack = await startStack({ objects });
    const ask = async (user: string, session: string | undefined): Promise<Visit> =>
      visit(stack, session === undefined ? `side=${user}` : `side=${user}; ${session}`);
    const users = Array.from({ length: 80 }, (_, user) => `user-${user}`);
    const first = await Promise.all(users.map((user) => ask(user, undefined)));
    const tokenOf = ({ token }: Visit): string => token.split('; ').at(-1) ?? '';
    const inCanary = (visits: readonly Visit[]): number => visits.filter(({ backend }) => 'cd'.includes(backend)).length;
    const before = await stack.stat('http.default/80.rds.default/80.update_success');
    await stack.write('route.yaml', routeYaml('shop', { web: 50, canary: 50 }));
    await waitFor('the new weights have arrived', async () => (await stack.stat('http.default/80.rds.default/80.update_success')) > before);
    const after = await Promise.all(users.map((user, index) => ask(user, tokenOf(first[index] ?? { backend: '', token: '' }))));
    const moved = first.flatMap(({ backend }, index) => (after[index]?.backend === backend ? [] : [`${backend}>${after[index]?.backend}`]));
    assert.equal(moved.length, inCanary(after) - inCanary(first));
    assert.ok(moved.length > 0 && moved.every((move) => /^[ab]>[cd]$/.test(move)), moved.join());
  } finally {
    for (const backend of all) await backend.close();
  }
});

/** A Service whose endpoints are ejected soon, and come back soon. @param affinity as TrafficPolicy has it. */
function objectsThatEject(affinity: string, ports: readonly number[]): Readonly<Record<string, string>> {
  const ejection = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: web}
spec: {targetRefs: [{group: "", kind: Service, name: web}], outlierDetection: {baseEjection: 10s, interval: 500ms}}`;
  return {
    'gateway.yaml': gatewayYaml,
    'route.yaml': routeYaml('shop', { web: 1 }),
    'service.yaml': serviceYaml('web', ports),
    'policy.yaml': [policyYaml(affinity), ejection].join('\n---'),
  };
}

test('sessions of an ejected endpoint go to others, which keep them when it is back', { timeout: 600_000 }, async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  await using c = await startHttpBackend('c');
  const objects = objectsThatEject('{cookie: {name: session, ttl: 1h}}', [a.port, b.port, c.port]);
  await using stack = await startStack({ objects });
  const first = await Promise.all(Array.from({ length: 30 }, () => visit(stack)));
  assert.equal(new Set(first.map(({ backend }) => backend)).size, 3);
  const ejected = (): Promise<number> => stack.stat('cluster.default/web/80.outlier_detection.ejections_active');
  a.behaviour.status = 500;
  await waitFor('it is ejected', async () => {
    await load({ port: stack.httpPort, rate: 100, seconds: 0.2 });
    return (await ejected()) === 1;
  });
  const meanwhile = await again(stack, first);
  assert.deepEqual(new Set(movedFrom(first, meanwhile)), new Set(['a']), 'only its own move');
  assert.ok(meanwhile.every(({ backend }) => backend !== 'a'));
  a.behaviour.status = 200;
  await waitFor('it is back', async () => (await ejected()) === 0);
  assert.deepEqual(movedFrom(meanwhile, await again(stack, meanwhile)), [], 'nobody moves a second time');
});

test('a session by header: each answer has the token, and it stays good for an Envoy that starts anew', { timeout: 600_000 }, async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  await using c = await startHttpBackend('c');
  const objects = {
    'gateway.yaml': gatewayYaml,
    'route.yaml': routeYaml('shop', { web: 1 }),
    'service.yaml': serviceYaml('web', [a.port, b.port, c.port]),
    'policy.yaml': policyYaml('{header: x-session}'),
  };
  await using stack = await startStack({ objects });
  const ask = async (token?: string): Promise<Visit> => {
    const { status, body, headers } = await stack.http('/', { headers: token === undefined ? {} : { 'x-session': token } });
    assert.deepEqual([status, headers['set-cookie']], [200, undefined]);
    return { backend: body, token: String(headers['x-session']) };
  };
  const first = await Promise.all(Array.from({ length: 30 }, () => ask()));
  for (const { token } of first) assert.match(token, /^[0-9a-f]{32,}$/);
  const all = (): Promise<readonly Visit[]> => Promise.all(first.map(({ token }) => ask(token)));
  assert.deepEqual(await all(), first, 'the same endpoint, the same token');
  await stack.envoys[0]?.stop();
  await (await stack.startEnvoy('default')).ready(patienceMs);
  assert.deepEqual(await all(), first);
});

test('sessions by a header: those of an ejected endpoint move, also while the server is away, and all stay after it and Envoy started anew', {
  timeout: 600_000,
}, async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  await using c = await startHttpBackend('c');
  const objects = objectsThatEject('{header: x-session}', [a.port, b.port, c.port]);
  await using stack = await startStack({ objects });
  const ask = async (token?: string): Promise<Visit> => {
    const { status, body, headers } = await stack.http('/', { headers: token === undefined ? {} : { 'x-session': token } });
    assert.equal(status, 200);
    return { backend: body, token: String(headers['x-session']) };
  };
  const allOf = (visits: readonly Visit[]): Promise<readonly Visit[]> => Promise.all(visits.map(({ token }) => ask(token)));
  const first = await Promise.all(Array.from({ length: 30 }, () => ask()));
  assert.equal(new Set(first.map(({ backend }) => backend)).size, 3);

  await stack.stopServer();
  const ejected = (): Promise<number> => stack.stat('cluster.default/web/80.outlier_detection.ejections_active');
  a.behaviour.status = 500;
  await waitFor('it is ejected', async () => {
    await load({ port: stack.httpPort, rate: 100, seconds: 0.2 });
    return (await ejected()) === 1;
  });
  const meanwhile = await allOf(first);
  assert.deepEqual(new Set(movedFrom(first, meanwhile)), new Set(['a']), 'only its own move');
  assert.ok(
    meanwhile.every(({ backend }, index) => backend !== 'a' && (meanwhile[index]?.token === first[index]?.token) === (first[index]?.backend === backend)),
  );
  a.behaviour.status = 200;
  await waitFor('it is back', async () => (await ejected()) === 0);
  assert.deepEqual(await allOf(meanwhile), meanwhile, 'nobody moves a second time');
  assert.deepEqual(await allOf(first), first, 'an old token is good again');

  await stack.startServer();
  await waitFor('the Envoy is back', () => stack.server().ads.nodes().length === 1);
  assert.deepEqual(await allOf(meanwhile), meanwhile, 'after a start of the server');
  await stack.envoys[0]?.stop();
  await (await stack.startEnvoy('default')).ready(patienceMs);
  assert.deepEqual(await allOf(meanwhile), meanwhile, 'and of an Envoy');
});

test('what cannot be a token takes no memory, however much of it a client sends', async () => {
  await using a = await startHttpBackend('a');
  const objects = {
    'gateway.yaml': gatewayYaml,
    'route.yaml': routeYaml('shop', { web: 1 }),
    'service.yaml': serviceYaml('web', [a.port]),
    'policy.yaml': policyYaml('{header: x-session}'),
  };
  await using stack = await startStack({ objects });
  let number = 0;
  const send = async (count: number): Promise<void> => {
    for (const end = number + count; number < end; number++) {
      const { status } = await stack.http('/', { headers: { 'x-session': String(number).padStart(12_000, '0') } });
      assert.equal(status, 200);
    }
  };
  const memory = async (): Promise<number> => {
    const { pid } = stack.envoys[0] ?? assert.fail();
    const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kib) / 1024;
  };
  await send(300);
  const before = await memory();
  await send(3500);
  const grown = (await memory()) - before;
  assert.ok(grown < 20, `${grown.toFixed(1)} MiB more; what was sent is 40`);
});
