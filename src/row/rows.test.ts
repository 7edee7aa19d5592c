import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '../proto/codec.ts';
import { type Message, type MessageName, typed } from '../proto/message.ts';
import { duration, uint32 } from '../proto/values.ts';
import { type ResourceType, resourceTypes, type Snapshot } from '../resource.ts';
import { clusterRows } from './cluster-rows.ts';
import { endpointRows } from './endpoint-rows.ts';
import { listenerRows } from './listener-rows.ts';
import { routeRows } from './route-rows.ts';
import { secretRows } from './secret-rows.ts';

const origins = [{ object: 'Gateway default/edge', file: 'edge.yaml', line: 1 }];

function snapshot<Name extends MessageName>(
  type: ResourceType,
  message: Name,
  ...values: readonly (Message<Name> & { readonly name?: string; readonly cluster_name?: string })[]
): Snapshot {
  const empty = Object.fromEntries(resourceTypes.map((each) => [each, new Map()])) as unknown as Snapshot['resources'];
  const resources = values.map((value) => ({ type, name: value.name ?? value.cluster_name ?? '', version: 'v1', bytes: encode(message, value), origins }));
  return { group: 'default', revision: 'r1', resources: { ...empty, [type]: new Map(resources.map((resource) => [resource.name, resource])) } };
}

// A certificate of its own: for shop.example.com, valid for ten years; its key was thrown away.
const certificate = `-----BEGIN CERTIFICATE-----
MIIBqDCCAU6gAwIBAgIUZDTjVONM+93OezA0fAkm2ugKmgowCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLmNvbTAeFw0yNjExMjQwMjQ3MjJaFw0z
NjExMjEwMjQ3MjJaMBsxGTAXBgNVBAMMEHNob3AuZXhhbXBsZS5jb20wWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAATdsRoJPi1N1wysydw/0VjTpfcM4ahtu+u5Ebw1
G9BG0SaAhmW6Q6mUTlOzZbX+0QZICbrZEi3/MjJn9hseLd3eo3AwbjAdBgNVHQ4E
FgQUBI27Dfx4WEk9DINcCPfvw+MK6HowHwYDVR0jBBgwFoAUBI27Dfx4WEk9DINc
CPfvw+MK6HowDwYDVR0TAQH/BAUwAwEB/zAbBgNVHREEFDASghBzaG9wLmV4YW1w
bGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIQCFDADXT2G1tvavVIvrmHQDNdrvJBRC
USm3MYyNMJJfLQIgbdT6ymWSFtlP6yE9U34EC46KsDAvjmPs2AUYfh8gI8s=
-----END CERTIFICATE-----
`;

const address = (host: string, port: number) => ({ socket_address: { address: host, port_value: port } });

test('a listener row says what is bound and by which certificates', () => {
  const rows = listenerRows(
    snapshot('listeners', 'envoy.config.listener.v3.Listener', {
      name: 'default/443',
      address: address('0.0.0.0', 8443),
      filter_chains: [
        {
          name: 'shop',
          filter_chain_match: { server_names: ['shop.example.com'] },
          transport_socket: {
            name: 'tls',
            typed_config: typed('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
              common_tls_context: { tls_certificate_sds_secret_configs: [{ name: 'default/shop' }] },
            }),
          },
          filters: [
            {
              name: 'http',
              typed_config: typed('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
                stat_prefix: 'x',
                rds: { route_config_name: 'default/443' },
              }),
            },
          ],
        },
      ],
    }),
  );
  assert.deepEqual(rows, [
    {
      group: 'default',
      name: 'default/443',
      version: 'v1',
      address: '0.0.0.0',
      port: 8443,
      chains: [{ name: 'shop', serverNames: ['shop.example.com'], certificates: ['default/shop'], routeConfiguration: 'default/443' }],
      origins,
    },
  ]);
});

test('route rows keep the order, and take their origins from the representation', () => {
  const served = snapshot('routes', 'envoy.config.route.v3.RouteConfiguration', {
    name: 'default/80',
    virtual_hosts: [
      {
        name: 'shop.example.com',
        domains: ['shop.example.com'],
        routes: [
          {
            name: 'split',
            match: {
              path_separated_prefix: '/a',
              headers: [{ name: 'x-tester', string_match: { exact: 'yes' } }],
              query_parameters: [{ name: 'q', present_match: true }],
            },
            route: {
              weighted_clusters: {
                clusters: [
                  { name: 'v1', weight: uint32(90) },
                  { name: 'v2', weight: uint32(10) },
                ],
              },
            },
          },
          { name: 'secure', match: { prefix: '/' }, redirect: { scheme_redirect: 'https', port_redirect: 8443, response_code: 'FOUND' } },
          { name: 'gone', match: { safe_regex: { regex: '/x.*' } }, direct_response: { status: 404 } },
        ],
      },
    ],
  });
  const rows = routeRows(served, undefined);
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['split', 'secure', 'gone'],
  );
  assert.deepEqual(rows[0]?.match, {
    path: { type: 'pathPrefix', value: '/a' },
    headers: [{ name: 'x-tester', type: 'exact', value: 'yes' }],
    query: [{ name: 'q', type: 'present' }],
    grpc: false,
  });
  assert.deepEqual(rows[0]?.action, {
    type: 'forward',
    split: [
      { cluster: 'v1', weight: 90, share: 0.9 },
      { cluster: 'v2', weight: 10, share: 0.1 },
    ],
  });
  assert.deepEqual(rows[1]?.action, { type: 'redirect', status: 302, to: 'https://…:8443' });
  assert.deepEqual(rows[2]?.action, { type: 'respond', status: 404 });
  const routes = [{ name: 'split', origins }] as never;
  const group = { routeConfigurations: [{ name: 'default/80', virtualHosts: [{ routes }] }] } as never;
  assert.deepEqual(
    routeRows(served, group).map((row) => row.origins),
    [origins, [], []],
  );
});

test('a cluster row says how requests are balanced', () => {
  const served = snapshot(
    'clusters',
    'envoy.config.cluster.v3.Cluster',
    {
      name: 'default/catalog/http',
      type: 'EDS',
      load_balancing_policy: {
        policies: [
          {
            typed_extension_config: {
              name: 'x',
              typed_config: typed('envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest', {
                slow_start_config: { slow_start_window: duration(30_000) },
              }),
            },
          },
        ],
      },
      outlier_detection: {},
      health_checks: [{ timeout: duration(1), interval: duration(1), http_health_check: { path: '/' } }],
      typed_extension_protocol_options: {
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': typed('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', {
          explicit_http_config: { http2_protocol_options: {} },
        }),
      },
      transport_socket: { name: 'tls', typed_config: typed('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', { sni: 'catalog.internal' }) },
    },
    {
      name: 'vm',
      cluster_type: { name: 'envoy.clusters.dns' },
      load_assignment: { cluster_name: 'vm', endpoints: [{ lb_endpoints: [{ endpoint: { address: address('vm.example', 80) } }] }] },
    },
  );
  const [first, second] = clusterRows(served);
  assert.deepEqual(first, {
    group: 'default',
    name: 'default/catalog/http',
    version: 'v1',
    discovery: 'EDS',
    loadBalancer: 'LeastRequest',
    slowStart: true,
    outlierDetection: true,
    healthChecks: ['http'],
    protocol: 'http2',
    tls: 'catalog.internal',
    endpoints: 0,
    origins,
  });
  assert.equal(second?.discovery, 'DNS');
  assert.equal(second?.endpoints, 1);
  assert.equal(second?.protocol, 'http1');
  assert.deepEqual(endpointRows(served), [
    { group: 'default', cluster: 'vm', address: 'vm.example', port: 80, health: 'healthy', weight: 1, sharePercent: 100 },
  ]);
});

test('an endpoint row has health, weight and zone', () => {
  const rows = endpointRows(
    snapshot('endpoints', 'envoy.config.endpoint.v3.ClusterLoadAssignment', {
      cluster_name: 'default/catalog/http',
      endpoints: [
        {
          locality: { zone: 'a' },
          lb_endpoints: [
            { endpoint: { address: address('10.0.0.1', 8080) }, load_balancing_weight: uint32(5) },
            { endpoint: { address: address('10.0.0.2', 8080) }, health_status: 'DRAINING' },
          ],
        },
      ],
    }),
  );
  assert.deepEqual(rows, [
    { group: 'default', cluster: 'default/catalog/http', address: '10.0.0.1', port: 8080, health: 'healthy', weight: 5, sharePercent: 100, zone: 'a' },
    { group: 'default', cluster: 'default/catalog/http', address: '10.0.0.2', port: 8080, health: 'draining', weight: 1, sharePercent: 0, zone: 'a' },
  ]);
});

test('a secret row shows what its certificate tells everyone, and nothing of the key', () => {
  const rows = secretRows(
    snapshot('secrets', 'envoy.extensions.transport_sockets.tls.v3.Secret', {
      name: 'default/shop',
      tls_certificate: { certificate_chain: { inline_string: certificate }, private_key: { inline_string: 'MARKER-KEY' } },
    }),
  );
  assert.equal(rows.length, 1);
  assert.equal(rows[0]?.type, 'certificate');
  assert.deepEqual(rows[0]?.certificates, [
    {
      subject: 'CN=shop.example.com',
      names: ['DNS:shop.example.com'],
      fingerprint: '2B:1A:5E:FD:60:72:3B:0F:E1:D0:6A:E0:46:5B:D3:91:C0:B0:1B:EA:06:92:E5:3A:2D:14:19:6D:01:07:90:C9',
      notBefore: '2026-11-24T02:47:22.000Z',
      notAfter: '2036-11-21T02:47:22.000Z',
    },
  ]);
  assert.doesNotMatch(JSON.stringify(rows), /MARKER|BEGIN/);
});

test('a certificate that cannot be read gives a row without one', () => {
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const rows = secretRows(
    snapshot('secrets', 'envoy.extensions.transport_sockets.tls.v3.Secret', {
      name: 'x',
      validation_context: { trusted_ca: { inline_bytes: Buffer.from(broken) } },
    }),
  );
  assert.equal(rows[0]?.type, 'authority');
  assert.deepEqual(rows[0]?.certificates, []);
});
