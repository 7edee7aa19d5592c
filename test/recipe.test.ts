import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import type { Backend } from '../src/ir/backend.ts';
import type { Group } from '../src/ir/gateway.ts';
import type { Route } from '../src/ir/route.ts';
import { decode } from '../src/proto/codec.ts';
import type { Message } from '../src/proto/message.ts';
import type { Snapshot } from '../src/resource.ts';
import { buildGolden } from './golden-case.ts';

/**
 * What keeps requests from failing in a release, on every route and every cluster of all golden cases, whoever made them: Gateways,
 * Ingresses, sidecars, gRPC routes, mirrors. What nobody wrote otherwise has the default to the letter.
 */
const folder = join(import.meta.dirname, 'golden');
const files = globSync(join(folder, '**/*.yaml'), { exclude: (name) => name.endsWith('.out.yaml') }).sort();

let work: string;
before(async () => {
  work = await mkdtemp(join(tmpdir(), 'sluice-recipe-'));
});
after(() => rm(work, { recursive: true, force: true }));

type Duration = Message<'google.protobuf.Duration'> | null | undefined;

/** Undefined: none, which is Envoy's default and never ours. */
const ms = (duration: Duration): number | undefined => (duration ? Number(duration.seconds ?? 0) * 1000 + (duration.nanos ?? 0) / 1e6 : undefined);

const protocolOptions = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

function checkCluster(backend: Backend, cluster: Message<'envoy.config.cluster.v3.Cluster'>): void {
  const { common_lb_config: balancing, circuit_breakers, health_checks = [], outlier_detection: ejection } = cluster;
  // A variant has what the annotations of an Ingress ask for.
  const isPlain = backend.writtenAt === undefined && !(backend.name.includes('~') && backend.protocol === 'http1');
  const isLocal = backend.endpoints.type === 'local' || backend.endpoints.type === 'socket';
  assert.equal(ms(balancing?.update_merge_window), 0, 'what happens to an endpoint is applied at once');
  const [limits] = circuit_breakers?.thresholds ?? [];
  assert.ok(limits?.retry_budget && !limits.max_retries, 'retries have a budget instead of three at a time');
  assert.ok(limits.max_connections && limits.max_requests && limits.max_pending_requests, 'limits are not those of Envoy');
  for (const check of health_checks) assert.equal(ms(check.no_traffic_interval), ms(check.interval), 'checks do not wait for the first request');
  if (ejection) {
    assert.ok(ejection.max_ejection_percent && ejection.always_eject_one_host, 'a small pool can eject too');
    assert.ok((ms(ejection.interval) ?? 10_000) <= 10_000 && ejection.base_ejection_time);
  }
  assert.ok(cluster.connect_timeout && balancing?.healthy_panic_threshold);
  const options = cluster.typed_extension_protocol_options?.[protocolOptions] as Message<typeof protocolOptions>;
  const idleMs = ms(options.common_http_protocol_options?.idle_timeout);
  assert.ok(idleMs !== undefined, 'unused connections are not kept for an hour');
  if (!isPlain) return;
  assert.equal(ms(cluster.connect_timeout), 1000);
  assert.equal(idleMs, options.explicit_http_config?.http2_protocol_options ? 300_000 : 4000, 'below the keep-alive of the server');
  assert.deepEqual(
    [limits.max_connections, limits.max_requests, limits.max_pending_requests].map((one) => one?.value),
    [10_000, 10_000, 10_000],
  );
  assert.deepEqual([limits.retry_budget.budget_percent?.value, limits.retry_budget.min_retry_concurrency?.value], [25, 50]);
  assert.ok(
    ejection || isLocal || /^(auth|mirror|otlp)\//.test(backend.name),
    'endpoints are ejected, but those beside their Envoy, and a service that is only asked, or gets copies or spans',
  );
}

function checkRoute(
  { name, action, transcoder }: Route,
  { route, metadata, typed_per_filter_config }: Message<'envoy.config.route.v3.Route'>,
  isInbound: boolean,
): void {
  if (action.type !== 'forward' || !route) return;
  assert.ok(route.timeout, 'not the 15 s of Envoy');
  const isIngress = name.startsWith('Ingress/');
  const { retry_policy: retry } = route;
  if (isInbound) {
    assert.equal(retry, undefined, 'callers of a sidecar try again, not the sidecar of the callee');
    return;
  }
  if (action.retry?.count === 0) {
    assert.deepEqual([retry?.retry_on || undefined, metadata], [undefined, undefined]);
    assert.ok(action.writtenAt || isIngress, 'only where it is written');
    return;
  }
  assert.ok(retry, 'requests are tried again');
  assert.deepEqual(
    retry.retry_host_predicate?.map(({ name }) => name),
    ['envoy.retry_host_predicates.previous_hosts'],
  );
  assert.equal(Number(retry.host_selection_retry_max_attempts), 5);
  assert.ok(retry.retry_back_off?.base_interval);
  const isDefault = (field: string): boolean => action.writtenAt?.(field) === undefined;
  const codes = isDefault('retries.statusCodes') || isIngress ? '' : ',retriable-status-codes';
  if (isDefault('retries.on')) assert.equal(retry.retry_on, `connect-failure,refused-stream,reset-before-request${codes}`);
  // nginx tries three times in all, and an Ingress may say less.
  if (isIngress) assert.ok((retry.num_retries?.value ?? 0) <= 2 || !isDefault('retries.count'));
  else if (isDefault('retries.count')) assert.equal(retry.num_retries?.value, 3);
  if (isDefault('retries.perTryTimeout')) assert.equal(retry.per_try_timeout, undefined);
  if (isDefault('timeouts.request')) assert.equal(ms(route.timeout), 0);
  if (!isDefault('retries.onIdempotent') || !isDefault('retries.on')) return;
  // The filter is on unless the route says otherwise.
  const isOff = typed_per_filter_config?.['envoy.filters.http.match_delegate.idempotent_retries'] !== undefined;
  const said = metadata?.filter_metadata?.['sluice']?.fields?.['retry-on-idempotent']?.stringValue;
  const onIdempotent = isOff ? said : 'reset';
  assert.equal(typed_per_filter_config?.['envoy.filters.http.match_delegate.idempotent_retries_of_route'] !== undefined, said !== undefined);
  if (action.grpc && !transcoder) assert.equal(onIdempotent, undefined, 'calls are always POST');
  else assert.match(onIdempotent ?? '', isIngress ? /^reset(,|$)/ : /^reset$/);
}

/** Every route of a table with the message that was made of it; those of the same name have the same action. */
function checkTable(group: Group, snapshot: Snapshot, name: string): number {
  const table = decode('envoy.config.route.v3.RouteConfiguration', snapshot.resources.routes.get(name)?.bytes ?? assert.fail(name));
  const hosts = group.routeConfigurations.find((one) => one.name === name)?.virtualHosts ?? [];
  let count = 0;
  for (const host of table.virtual_hosts ?? []) {
    const routes = hosts.find((one) => one.name === host.name)?.routes ?? [];
    for (const message of host.routes ?? []) {
      const route = routes.find((one) => one.name === message.name) ?? assert.fail(message.name);
      checkRoute(route, message, route.name.startsWith('inbound/'));
      count++;
    }
  }
  return count;
}

let [routes, clusters] = [0, 0];

for (const file of files) {
  test(`recipe: ${relative(folder, file)}`, async () => {
    const { build } = await buildGolden(file, work);
    for (const snapshot of build.snapshots.values()) {
      const group = build.groups.get(snapshot.group);
      // Clients of gRPC without an Envoy have retries and limits of their own.
      if (!group || group.dialNames) continue;
      for (const resource of snapshot.resources.clusters.values()) {
        const backend = group.backends.find(({ name }) => name === resource.name) ?? assert.fail(resource.name);
        checkCluster(backend, decode('envoy.config.cluster.v3.Cluster', resource.bytes));
        clusters++;
      }
      for (const name of snapshot.resources.routes.keys()) routes += checkTable(group, snapshot, name);
    }
  });
}

test('recipe: there was something to look at', () => {
  assert.ok(routes > 100 && clusters > 50, `${routes} routes, ${clusters} clusters`);
});
