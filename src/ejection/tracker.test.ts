import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOutHosts, readOutStatistics } from './admin-pages.ts';
import { createEjectionTracker, type EjectionTimes } from './tracker.ts';

const cluster = 'default/backend:v1/80';
const times: EjectionTimes = { baseMs: 10_000, mostMs: 25_000, intervalMs: 1000 };
const statistics = (counts: Readonly<Record<string, number>>, healthy = 1) =>
  readOutStatistics({
    stats: [
      { name: 'cluster.default/backend_v1/80.membership_healthy', value: healthy },
      { name: 'cluster.default/backend_v1/80.membership_total', value: 2 },
      ...Object.entries(counts).map(([detector, value]) => ({ name: `cluster.default/backend_v1/80.outlier_detection.ejections_enforced_${detector}`, value })),
    ],
  });
const hosts = (health: Readonly<Record<string, boolean>>) =>
  readOutHosts({
    cluster_statuses: [
      {
        name: cluster,
        host_statuses: [
          { address: { socket_address: { address: '10.0.0.1', port_value: 8080 } }, health_status: health },
          { address: { socket_address: { address: '10.0.0.2', port_value: 8080 } }, health_status: { eds_health_status: 'HEALTHY' } },
        ],
      },
    ],
  });
const ejected = hosts({ failed_outlier_check: true });
const at = { cluster, address: '10.0.0.1', port: 8080 };

test('an ejection has the detector that rose, and the time that is left; each next one lasts longer', () => {
  const tracker = createEjectionTracker();
  tracker.look(statistics({}, 2), [], () => times, 0);
  tracker.look(statistics({ total: 1, consecutive_5xx: 1 }), ejected, () => times, 1000);
  tracker.look(statistics({ total: 1, consecutive_5xx: 1 }), ejected, () => times, 4000);
  assert.deepEqual(tracker.list(4000), [{ ...at, reason: 'answers 5xx in a row', leftMs: 7000 }]);
  tracker.look(statistics({ total: 1, consecutive_5xx: 1 }, 2), [], () => times, 11_500);
  assert.deepEqual(tracker.list(11_500), []);
  tracker.look(statistics({ total: 2, consecutive_5xx: 1, failure_percentage: 1 }), ejected, () => times, 12_000);
  assert.deepEqual(tracker.list(12_000), [{ ...at, reason: 'too large a part failed', leftMs: 20_000 }]);
  tracker.look(statistics({ total: 2, consecutive_5xx: 1, failure_percentage: 1 }, 2), [], () => times, 32_000);
  tracker.look(statistics({ total: 3, consecutive_5xx: 2, failure_percentage: 1 }), ejected, () => times, 32_500);
  assert.equal(tracker.list(32_500)[0]?.leftMs, 25_000, 'no longer than the most');
  tracker.look(statistics({ total: 3, consecutive_5xx: 2, failure_percentage: 1 }, 2), [], () => times, 60_000);
  tracker.look(statistics({ total: 4, consecutive_5xx: 3, failure_percentage: 1 }), ejected, () => times, 90_000);
  assert.equal(tracker.list(90_000)[0]?.leftMs, 10_000, 'good conduct is rewarded');
});

test('what is not known is not told', () => {
  const late = createEjectionTracker();
  late.look(statistics({ consecutive_5xx: 1 }), ejected, () => times, 0);
  assert.deepEqual(late.list(0), [at]);
  const two = createEjectionTracker();
  two.look(statistics({}, 2), [], () => undefined, 0);
  two.look(statistics({ consecutive_5xx: 1, success_rate: 1 }), ejected, () => undefined, 1000);
  assert.deepEqual(two.list(1000), [at]);
});

test('an endpoint that fails its health checks is out without a time', () => {
  const tracker = createEjectionTracker();
  tracker.look(statistics({}), hosts({ failed_active_health_check: true }), () => times, 0);
  assert.deepEqual(tracker.list(0), [{ ...at, reason: 'fails health checks', awaitsCheck: true }]);
});

test('pages of another form give nothing', () => {
  assert.deepEqual(readOutHosts(null), []);
  assert.deepEqual(readOutHosts({ cluster_statuses: [{ name: 'a', host_statuses: [{ health_status: { failed_outlier_check: true } }] }] }), []);
  assert.deepEqual(readOutStatistics({ stats: [{ histograms: {} }, { name: 3 }] }), { hasUnhealthy: false, enforced: new Map() });
  assert.deepEqual([statistics({}).hasUnhealthy, statistics({}, 2).hasUnhealthy], [true, false]);
});
