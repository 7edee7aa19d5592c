import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencyReport } from '../../test/fake/latency-report.ts';
import { latencyBoundsMs } from '../latency-bounds.ts';
import { readLatencies, readLatencyReport } from './latency-report.ts';

const bounds: readonly number[] = latencyBoundsMs;
const counts = bounds.map((_, index) => index);
const latenciesIn = (bytes: Buffer) => readLatencyReport(bytes).metrics.map((metric) => readLatencies(bytes, metric));

test('of all statistics the latencies of clusters are read', () => {
  const point = { bounds, counts: [...counts, 2 ** 40] };
  const report = latencyReport({ node: 'n', group: 'g', metrics: { 'cluster.a.b/80.upstream_rq_time': point, 'http.x.downstream_rq_time': point } });
  const { node, group } = readLatencyReport(report);
  assert.deepEqual([node, group], ['n', 'g']);
  assert.deepEqual(latenciesIn(report), [{ name: 'a.b/80', counts: [...counts, 2 ** 40] }, undefined]);
});

test('histograms with other bounds, and such as are no deltas, are not read', () => {
  const metrics = { 'cluster.a.upstream_rq_time': { bounds: bounds.slice(1), counts }, 'cluster.b.upstream_rq_time': { bounds, counts } };
  assert.deepEqual(latenciesIn(latencyReport({ node: 'n', group: 'g', metrics })), [undefined, undefined]);
  const cumulative = { 'cluster.a.upstream_rq_time': { bounds, counts: [...counts, 0], isCumulative: true } };
  assert.deepEqual(latenciesIn(latencyReport({ node: 'n', group: 'g', metrics: cumulative })), [undefined]);
});

test('bytes that are no message are refused', () => {
  assert.throws(() => readLatencyReport(Buffer.from([0x0a, 0x7f, 0x01])), /cut off/);
});
