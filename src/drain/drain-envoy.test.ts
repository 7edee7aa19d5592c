import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../test/e2e/wait.ts';
import { type Clock, systemClock } from '../clock.ts';
import { type DrainProgress, type DrainResult, drainEnvoy } from './drain-envoy.ts';
import { adminTarget, createEnvoyAdmin } from './envoy-admin.ts';

/** An admin page as Envoy's, whose counters the test sets. `quit` closes it, as Envoy does. */
async function startAdmin(group = 'default') {
  const open = { connections: 1, requests: 1 };
  const posts: string[] = [];
  let startedAt = performance.now() - 60_000;
  /** What the next answers are instead of those of Envoy. */
  const trouble: { kind?: 'silent' | 'strange' } = {};
  let lateMs = 0;
  const server = createServer(async (request, response) => {
    const url = request.url ?? '';
    if (trouble.kind === 'silent') return;
    if (trouble.kind === 'strange') return void response.end('hello');
    if (request.method === 'POST') posts.push(url);
    if (url === '/healthcheck/fail') lateMs = 0;
    if (url === '/server_info') {
      if (lateMs > 0) {
        await sleep(lateMs);
        startedAt = performance.now() - 60_000;
      }
      const seconds = Math.floor((performance.now() - startedAt) / 1000);
      response.end(JSON.stringify({ node: { id: 'edge-1', cluster: group }, uptime_current_epoch: `${seconds}s` }));
    } else if (url.startsWith('/stats')) {
      const stat = (name: string, value: number) => ({ name: `http.default/80.downstream_${name}`, value });
      response.end(JSON.stringify({ stats: [stat('cx_active', open.connections), stat('rq_active', open.requests), stat('rq_total', 5)] }));
    } else response.end('OK\n');
    if (url === '/quitquitquit') close();
  });
  const close = (): void => void server.close(() => server.closeAllConnections());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    open,
    posts,
    trouble,
    /** Another one is in its place, with nothing open yet. */
    replace(): void {
      startedAt = performance.now();
      Object.assign(open, { connections: 0, requests: 0 });
    },
    /** Until its health checks fail it takes so long for an answer, and a second of its uptime begins just then. */
    beLate(milliseconds: number): void {
      lateMs = milliseconds;
    },
    close,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const limits = { noticeMs: 10, quietMs: 300, timeoutMs: 60_000 };

function drain(
  address: string,
  options: {
    readonly limits?: Partial<typeof limits>;
    readonly leavesRunning?: boolean;
    readonly signal?: AbortSignal;
    readonly told?: DrainProgress[];
    readonly clock?: Clock;
  } = {},
): Promise<DrainResult> {
  const target = adminTarget(address);
  assert.ok(target);
  return drainEnvoy({
    admin: createEnvoyAdmin(target, address),
    limits: { ...limits, ...options.limits },
    clock: options.clock ?? systemClock,
    onProgress: (progress) => options.told?.push(progress),
    leavesRunning: options.leavesRunning ?? false,
    signal: options.signal ?? new AbortController().signal,
  });
}

test('health checks fail first, then connections are refused, and Envoy ends when all have their answer', async () => {
  await using admin = await startAdmin();
  const told: DrainProgress[] = [];
  let now = 0;
  const drained = drain(admin.address, { told, limits: { noticeMs: 300 }, clock: { ...systemClock, steady: () => now } });
  await waitFor('the wait for load balancers', () => told.some(({ step }) => step === 'waiting'));
  assert.deepEqual(admin.posts, ['/healthcheck/fail']);
  now = 300;
  await waitFor('connections being refused', () => told.some(({ step }) => step === 'refusing'));
  Object.assign(admin.open, { connections: 0, requests: 0 });
  const result = await drained;
  assert.deepEqual(admin.posts, ['/healthcheck/fail', '/drain_listeners', '/quitquitquit']);
  assert.deepEqual({ ...result, tookMs: 0 }, { outcome: 'finished', envoy: { node: 'edge-1', group: 'default' }, connections: 0, requests: 0, tookMs: 0 });
  assert.deepEqual([...new Set(told.map(({ step }) => step))].slice(0, 3), ['failing', 'waiting', 'refusing']);
});

test('calls of the application beside a sidecar go on', async () => {
  await using admin = await startAdmin('sidecar/default/shop');
  Object.assign(admin.open, { connections: 0, requests: 0 });
  await drain(admin.address);
  assert.ok(admin.posts.includes('/drain_listeners?inboundonly'));
});

test('what is open when the time is over is cut, and told', async () => {
  await using admin = await startAdmin();
  const { outcome, requests } = await drain(admin.address, { limits: { timeoutMs: 500 } });
  assert.deepEqual([outcome, requests, admin.posts.at(-1)], ['cut', 1, '/quitquitquit']);
});

test('an Envoy that somebody else ends is left running, once it has nothing open', async () => {
  await using admin = await startAdmin();
  Object.assign(admin.open, { connections: 0, requests: 0 });
  const { outcome } = await drain(admin.address, { leavesRunning: true });
  assert.deepEqual([outcome, admin.posts], ['finished', ['/healthcheck/fail', '/drain_listeners']]);
});

test('without an Envoy there is nothing to drain', async () => {
  const admin = await startAdmin();
  await admin[Symbol.asyncDispose]();
  const { outcome, reason } = await drain(admin.address);
  assert.deepEqual([outcome, reason], ['gone', `no Envoy listens at ${admin.address}`]);
});

test('an Envoy that goes meanwhile lost what was open, if anything was', async () => {
  for (const [requests, expected] of [
    [1, 'lost'],
    [0, 'finished'],
  ] as const) {
    await using admin = await startAdmin();
    admin.open.requests = requests;
    const told: DrainProgress[] = [];
    const drained = drain(admin.address, { told, limits: { quietMs: 600_000, timeoutMs: 600_000 } });
    await waitFor('a look at what is open', () => told.some(({ open }) => open !== undefined));
    await admin[Symbol.asyncDispose]();
    assert.equal((await drained).outcome, expected);
  }
});

test('an Envoy that takes the place of one that ended by itself is left alone', async () => {
  for (const [requests, expected] of [
    [1, 'lost'],
    [0, 'finished'],
  ] as const) {
    await using admin = await startAdmin();
    admin.open.requests = requests;
    const told: DrainProgress[] = [];
    const drained = drain(admin.address, { told, limits: { noticeMs: 30_000 } });
    // It has looked at what is open.
    await waitFor('the wait for what is open', () => told.some(({ step }) => step === 'waiting'));
    admin.replace();
    const { outcome, reason } = await drained;
    assert.deepEqual([outcome, reason, admin.posts], [expected, 'another Envoy has taken its place', ['/healthcheck/fail']]);
  }
});

test('an Envoy that is slow to answer at first is no other one when it answers at once', async () => {
  await using admin = await startAdmin();
  admin.beLate(700);
  const told: DrainProgress[] = [];
  const drained = drain(admin.address, { told });
  await waitFor('connections being refused', () => told.some(({ step }) => step === 'refusing'));
  // By then it was looked at near the end of a second.
  await sleep(1200);
  Object.assign(admin.open, { connections: 0, requests: 0 });
  const { outcome, reason } = await drained;
  assert.deepEqual([outcome, reason, admin.posts.at(-1)], ['finished', undefined, '/quitquitquit']);
});

test('an admin page that falls silent is asked until the time is over; what is no admin page is told at once', async () => {
  await using admin = await startAdmin();
  setTimeout(() => Object.assign(admin.trouble, { kind: 'silent' }), 300);
  const silent = await drain(admin.address, { limits: { timeoutMs: 1000 } });
  assert.deepEqual([silent.outcome, silent.reason], ['unanswered', `the admin page at ${admin.address} does not answer within 2 s`]);
  admin.trouble.kind = 'strange';
  const strange = await drain(admin.address);
  assert.deepEqual([strange.outcome, strange.reason], ['unanswered', `what answers at ${admin.address} is no admin page of Envoy`]);
});

test('whoever is interrupted leaves an Envoy that drains', async () => {
  await using admin = await startAdmin();
  const { outcome } = await drain(admin.address, { signal: AbortSignal.timeout(300) });
  assert.equal(outcome, 'interrupted');
  assert.ok(!admin.posts.includes('/quitquitquit'));
});

test('an admin page is asked on this machine only', () => {
  assert.deepEqual(adminTarget('http://127.0.0.1:9901'), { host: '127.0.0.1', port: '9901' });
  assert.deepEqual(adminTarget('[::1]:9901'), { host: '::1', port: '9901' });
  assert.deepEqual(adminTarget('unix:/run/envoy.sock'), { socketPath: '/run/envoy.sock' });
  for (const text of ['http://10.0.0.7:9901', 'envoy:9901', 'https://127.0.0.1:9901', 'unix:relative', '127.0.0.1:9901/x', ''])
    assert.equal(adminTarget(text), undefined, text);
});
