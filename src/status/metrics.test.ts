import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeStatus } from '../ads/stream/status.ts';
import { diagnostic } from '../diagnostic.ts';
import { createMetrics } from './metrics.ts';
import { metricsReference } from './metrics-reference.ts';

const node: NodeStatus = { id: 'envoy-1', group: 'default', agent: 'envoy 1.40.0', protocol: 'delta', peer: '127.0.0.1:1', connectedAt: 0, types: {} };
const idle = { sources: () => [], diagnostics: () => [] };

test('streams and answers are counted by their labels', async () => {
  const metrics = createMetrics({ process: false });
  metrics.streamOpened(node);
  metrics.streamOpened({ ...node, id: 'envoy-2', protocol: 'sotw' });
  metrics.streamOpened({ ...node, id: 'envoy-3' });
  metrics.streamClosed({ ...node, id: 'envoy-3' }, 'cancelled');
  metrics.pushed(node, { type: 'clusters', resources: 3, removed: 1, bytes: 700 });
  metrics.acked(node, { type: 'clusters', afterMs: 9 });
  metrics.acked(node, { type: 'endpoints', afterMs: 1 });
  metrics.acked(node, { type: 'endpoints', afterMs: 1, event: { at: 0, agoMs: 3 } });
  metrics.nacked(node, { at: 0, type: 'routes', message: 'no', resources: [], isSearching: false });
  metrics.built({ tookMs: 20, failed: true });
  metrics.historyFailed();
  const text = await metrics.render({ ...idle, unfinished: () => ({ bytes: 5, waiting: 2 }), history: { usage: () => ({ revisions: 7, bytes: 900 }) } });
  for (const line of [
    'sluice_history_revisions 7',
    'sluice_unfinished_request_bytes 5',
    'sluice_waiting_requests 2',
    'sluice_history_bytes 900',
    'sluice_history_write_failures_total 1',
    'sluice_streams{group="default",protocol="delta"} 1',
    'sluice_streams{group="default",protocol="sotw"} 1',
    'sluice_pushes_total{type="clusters"} 1',
    'sluice_push_bytes_total{type="clusters"} 700',
    'sluice_push_resources_total{type="clusters"} 3',
    'sluice_acks_total{type="clusters"} 1',
    'sluice_nacks_total{type="routes"} 1',
    'sluice_build_seconds_count 1',
    'sluice_build_failures_total 1',
    'sluice_endpoint_ack_seconds_count 1',
    'sluice_endpoint_ack_seconds_bucket{le="0.0025"} 0',
    'sluice_endpoint_ack_seconds_bucket{le="0.005"} 1',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line} is missing in\n${text}`);
  }
});

test('shares of splits are told, with how long their requests took, and no number of what is not known', async () => {
  const metrics = createMetrics({ process: false });
  const latency = { count: 10, p50Ms: 5, p95Ms: 250, p99Ms: 900 };
  const v1 = { cluster: 'v1', wanted: 0.9, acknowledged: [{ share: 0.8, envoys: ['a'] }], otherRoutes: [] };
  const measured = { requests: 10, errors: 0, inProgress: 0, share: 0.85, latency };
  const row = { group: 'g', route: 'r', virtualHosts: ['*'], envoys: 1, reporting: ['a'], away: [], countedWith: [] };
  const text = await metrics.render({
    ...idle,
    splits: () => [
      {
        ...row,
        backends: [
          { ...v1, measured },
          { ...v1, cluster: 'v2', acknowledged: [{ envoys: ['a'] }] },
        ],
      },
    ],
  });
  assert.deepEqual(
    text.split('\n').filter((line) => line.startsWith('sluice_split_')),
    [
      'sluice_split_share{group="g",route="r",cluster="v1",number="wanted"} 0.9',
      'sluice_split_share{group="g",route="r",cluster="v1",number="acknowledged"} 0.8',
      'sluice_split_share{group="g",route="r",cluster="v1",number="measured"} 0.85',
      'sluice_split_share{group="g",route="r",cluster="v2",number="wanted"} 0.9',
      'sluice_split_latency_seconds{group="g",cluster="v1",quantile="0.5"} 0.005',
      'sluice_split_latency_seconds{group="g",cluster="v1",quantile="0.95"} 0.25',
      'sluice_split_latency_seconds{group="g",cluster="v1",quantile="0.99"} 0.9',
    ],
  );
  const many = Array.from({ length: 2000 }, (_, index) => ({ ...row, route: `r${index}`, backends: [v1] }));
  assert.equal((await metrics.render({ ...idle, splits: () => many })).match(/sluice_split_share\{.*wanted/g)?.length, 1000);
});

test('the state of the sources is that of the moment', async () => {
  const metrics = createMetrics({ process: false });
  const problem = diagnostic('UnknownKind', {}, 'unknown');
  const first = await metrics.render({ sources: () => [{ name: 'files:a', ready: false, objects: 0 }], diagnostics: () => [problem, problem] });
  assert.match(first, /sluice_source_ready\{source="files:a"\} 0/);
  assert.match(first, /sluice_diagnostics\{severity="warning"\} 2/);
  const second = await metrics.render({ sources: () => [{ name: 'files:b', ready: true, objects: 7 }], diagnostics: () => [] });
  assert.doesNotMatch(second, /files:a/);
  assert.match(second, /sluice_source_objects\{source="files:b"\} 7/);
  assert.match(second, /sluice_diagnostics\{severity="warning"\} 0/);
});

test('what is held or pinned is that of the moment, and what became of revisions is counted', async () => {
  const metrics = createMetrics({ process: false });
  for (const type of ['switched', 'switched', 'held', 'tried', 'refused', 'tried', 'onward', 'pinned'] as const) metrics.released('default', { type });
  const held = { reason: 'bulk', why: '', since: 0 } as const;
  const text = await metrics.render({
    ...idle,
    release: {
      releases: () => [
        { group: 'default', held },
        { group: 'other', pin: { since: 0, why: '' } },
      ],
    },
  });
  for (const line of [
    'sluice_held{group="default",reason="bulk"} 1',
    'sluice_pinned{group="other"} 1',
    'sluice_revision_switches_total{group="default"} 2',
    'sluice_fuse_trips_total{group="default"} 1',
    'sluice_rollouts_total{group="default",result="tried"} 2',
    'sluice_rollouts_total{group="default",result="onward"} 1',
    'sluice_rollouts_total{group="default",result="back"} 1',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line} is missing in\n${text}`);
  }
  assert.doesNotMatch(await metrics.render(idle), /sluice_(held|pinned)\{/);
});

test('two sets of metrics share nothing', async () => {
  const [one, other] = [createMetrics({ process: false }), createMetrics({ process: false })];
  one.streamOpened(node);
  assert.doesNotMatch(await other.render(idle), /sluice_streams\{/);
});

test('what the reference page is made of is every metric that is printed, and no other', async () => {
  const metrics = createMetrics({ process: false });
  const printed = [...(await metrics.render(idle)).matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name, type]) => `${name} ${type}`);
  const described = metrics.describe().map(({ name, type }) => `${name} ${type}`);
  assert.deepEqual(described, printed.sort());
  const page = metricsReference(metrics.describe());
  for (const { name } of metrics.describe()) assert.ok(page.includes(`| \`${name}\` |`));
});

test('what Envoys refuse is counted by group and type, once for all versions of Envoy', async () => {
  const metrics = createMetrics({ process: false });
  const bad = { group: 'default', type: 'routes', name: 'r', piece: { type: 'route', key: 'k', version: '1', parts: [] } } as const;
  const text = await metrics.render({
    ...idle,
    refusals: () => [bad, bad, { ...bad, piece: { ...bad.piece, key: 'other' } }, { group: 'default', type: 'clusters', name: 'c' }],
  });
  assert.match(text, /^sluice_refused\{group="default",type="routes"\} 2$/m);
  assert.match(text, /^sluice_refused\{group="default",type="clusters"\} 1$/m);
  assert.doesNotMatch(await metrics.render(idle), /sluice_refused\{/);
});
