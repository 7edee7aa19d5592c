import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openWork } from './open-work.ts';

test('counters of all listeners are added up, but for the admin page and health checks', () => {
  const counters = (prefix: string, connections: number, requests: number, total: number) => [
    { name: `http.${prefix}.downstream_cx_active`, value: connections },
    { name: `http.${prefix}.downstream_rq_active`, value: requests },
    { name: `http.${prefix}.downstream_rq_total`, value: total },
    { name: `listener.${prefix}.downstream_cx_active`, value: connections },
  ];
  const stats = [
    ...counters('default/80', 3, 1, 40),
    ...counters('sidecar/a.b/shop/15001', 2, 2, 2),
    ...counters('admin', 9, 9, 9),
    ...counters('sluice-health', 9, 9, 9),
    { name: 'http.default/80.downstream_cx_total', value: 100 },
    { histograms: {} },
  ];
  assert.deepEqual(openWork({ stats }), { connections: 5, requests: 3, requestsSoFar: 42 });
});

test('connections whose bytes go on as they come are open until they end', () => {
  const active = (name: string, value: number) => ({ name: `${name}.downstream_cx_active`, value });
  const passing = [
    active('http.default/443', 2),
    active('listener.default/443', 5),
    active('listener.default/443.worker_0', 5),
    active('listener.tcp/5432', 4),
    active('listener.admin.main_thread', 1),
  ];
  assert.deepEqual(openWork({ stats: passing }), { connections: 9, requests: 7, requestsSoFar: 0 });
  // The page is read number by number, while connections end.
  assert.deepEqual(openWork({ stats: [active('http.default/80', 2), active('listener.default/80', 1)] }).requests, 0);
});

test('an Envoy without a listener has nothing open', () => {
  assert.deepEqual(openWork({ stats: [] }), { connections: 0, requests: 0, requestsSoFar: 0 });
});

test('an answer of something else is an error', () => {
  for (const answer of [null, 'ok', {}, { stats: 3 }]) assert.throws(() => openWork(answer), /no statistics/);
});
