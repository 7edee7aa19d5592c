import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '../proto/codec.ts';
import { readReport } from './report.ts';

test('the localities of a cluster are added up, and clusters without requests are left out', () => {
  const bytes = encode('envoy.service.load_stats.v3.LoadStatsRequest', {
    node: { id: 'n', cluster: 'g' },
    cluster_stats: [
      { cluster_name: 'silent', load_report_interval: { seconds: 10 } },
      {
        cluster_name: 'a',
        load_report_interval: { seconds: 9, nanos: 500_000_000 },
        upstream_locality_stats: [
          { total_successful_requests: 300, total_error_requests: 2, total_issued_requests: 305, total_requests_in_progress: 3 },
          { locality: { zone: 'b' }, priority: 1, total_successful_requests: 7, total_issued_requests: 7 },
        ],
      },
    ],
  });
  const { node, clusters } = readReport(Buffer.from(bytes));
  assert.deepEqual(node && [...node], [...encode('envoy.config.core.v3.Node', { id: 'n', cluster: 'g' })]);
  assert.deepEqual(clusters, [{ cluster: 'a', issued: 312, succeeded: 307, failed: 2, active: 3, intervalMs: 9500 }]);
});

test('bytes that are no message are refused', () => {
  assert.throws(() => readReport(Buffer.from([0x12, 0x7f, 0x01])), /cut off/);
});
