import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PoolWarmUp } from '../warm-up/pool-warm-up.ts';
import { warmUpStatuses } from '../warm-up/pool-warm-up.ts';
import { withWarmUps } from './warm-up-rows.ts';

const endpoint = (port: number, percent: number) => ({ address: '10.0.0.1', port, health: 'healthy' as const, weight: 1, percent });
const pool = (more: Partial<PoolWarmUp> = {}): PoolWarmUp => ({
  name: 'default/a/http',
  origin: { type: 'service', namespace: 'default', service: 'a', port: 'http' },
  clusters: ['default/a/80', 'default/a/80~x'],
  by: 'Sluice',
  windowMs: 30_000,
  isIdle: false,
  endpoints: [endpoint(1, 100), endpoint(2, 40)],
  ...more,
});

test('a row of a young endpoint tells how far it has come, in every cluster that has it', () => {
  const row = (cluster: string, port: number) => ({
    group: 'default',
    cluster,
    address: '10.0.0.1',
    port,
    health: 'healthy' as const,
    weight: 1,
    sharePercent: 50,
  });
  const rows = [row('default/a/80', 1), row('default/a/80', 2), row('default/a/80~x', 2), row('default/b/80', 2)];
  const warmUp = { by: 'Sluice', percent: 40, windowMs: 30_000, isIdle: false };
  assert.deepEqual(
    withWarmUps(rows, { warmUps: () => [pool()] }).map((one) => one.warmUp),
    [undefined, warmUp, warmUp, undefined],
  );
  assert.deepEqual(withWarmUps(rows, {}), rows);
});

test('a status counts the young endpoints, and says when they are most', () => {
  const counts = (...pools: readonly PoolWarmUp[]) => warmUpStatuses(pools).map(({ young, endpoints, isMostlyYoung }) => [young, endpoints, isMostlyYoung]);
  const draining = { ...endpoint(3, 10), health: 'draining' as const };
  assert.deepEqual(counts(pool(), pool({ endpoints: [endpoint(1, 100), draining] }), pool({ endpoints: [endpoint(1, 10), draining] })), [
    [1, 2, false],
    [1, 1, true],
  ]);
  assert.deepEqual(counts(pool({ isIdle: true, endpoints: [endpoint(1, 10)] })), [[1, 1, false]]);
});
