import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listener } from '../../test/fake/representation.ts';
import type { Listener } from '../ir/gateway.ts';
import { decode } from '../proto/codec.ts';
import type { Message } from '../proto/message.ts';
import { listenerResource } from './listener.ts';

type Manager = Message<'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'>;

function decoded(fields: Partial<Listener> = {}) {
  const message = decode('envoy.config.listener.v3.Listener', listenerResource(listener(fields)).bytes);
  return { message, manager: message.filter_chains?.[0]?.filters?.[0]?.typed_config as Manager };
}

test('the filters that routes configure stand disabled in the chain, the router is last', () => {
  const { manager } = decoded();
  assert.deepEqual(
    manager.http_filters?.map(({ name, disabled }) => [name, disabled ?? false]),
    [
      ['envoy.filters.http.header_mutation.answer_headers', true],
      ['envoy.filters.http.cors', true],
      ['envoy.filters.http.lua.error_pages', true],
      ['envoy.filters.http.lua.location', true],
      ['envoy.filters.http.rbac', true],
      ['envoy.filters.http.local_ratelimit', true],
      ['envoy.filters.http.rbac.satisfy', true],
      ['envoy.filters.http.lua.approval', true],
      ['envoy.filters.http.grpc_web', true],
      ['envoy.filters.http.buffer', true],
      ['envoy.filters.http.credential_injector.session_keys', true],
      ['envoy.filters.http.lua.sticky', true],
      ['envoy.filters.http.lua.answer_places', true],
      ['envoy.filters.http.match_delegate.idempotent_retries', false],
      ['envoy.filters.http.match_delegate.idempotent_retries_of_route', true],
      ['envoy.filters.http.grpc_json_transcoder', true],
      ['envoy.filters.http.router', false],
    ],
  );
});

const clients: readonly [Listener['clientAddress'], useRemoteAddress: boolean, extension: boolean, listenerFilters: readonly string[]][] = [
  [{ mode: 'Peer' }, true, false, []],
  [{ mode: 'XForwardedFor', trustedCidrs: ['10.0.0.0/8', '::1'], believesOthers: true }, false, true, []],
  [{ mode: 'ProxyProtocol', optional: true }, true, false, ['envoy.filters.listener.proxy_protocol']],
];

for (const [clientAddress, useRemoteAddress, extension, listenerFilters] of clients) {
  test(`the client by ${clientAddress.mode}`, () => {
    const { message, manager } = decoded({ clientAddress });
    assert.equal(manager.use_remote_address?.value ?? false, useRemoteAddress);
    assert.equal((manager.original_ip_detection_extensions ?? []).length > 0, extension);
    const mutation = manager.early_header_mutation_extensions?.[0]?.typed_config as
      | Message<'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation'>
      | undefined;
    const removed = (mutation?.mutations ?? []).map(({ remove }) => remove);
    assert.equal(removed.includes('x-envoy-retry-on'), extension);
    assert.deepEqual(
      (message.listener_filters ?? []).map(({ name }) => name),
      listenerFilters,
    );
  });
}

test('nobody brings keys of sessions along', () => {
  const takesAway = (fields: Partial<Listener>): boolean =>
    JSON.stringify(decoded(fields).manager.early_header_mutation_extensions).includes('"remove":"x_sluice_session_keys"');
  assert.equal(decoded().manager.common_http_protocol_options?.headers_with_underscores_action, 'DROP_HEADER');
  assert.deepEqual([takesAway({}), takesAway({ allowsUnderscores: true }), takesAway({ direction: 'outbound' })], [false, true, true]);
});

test('certificates are asked for by SDS, chosen by server name, and looked at behind a PROXY header', () => {
  const tls = { certificates: ['shop/web'], minimumVersion: '1.3', alpn: ['h2', 'http/1.1'] } as const;
  const { message } = decoded({
    clientAddress: { mode: 'ProxyProtocol', optional: false },
    filterChains: [{ name: 'a', serverNames: ['a.example.com'], tls, routeConfiguration: 'default/443', origins: [] }],
  });
  assert.deepEqual(
    message.listener_filters?.map(({ name }) => name),
    ['envoy.filters.listener.proxy_protocol', 'envoy.filters.listener.tls_inspector'],
  );
  const chain = message.filter_chains?.[0];
  assert.deepEqual(chain?.filter_chain_match?.server_names, ['a.example.com']);
  const context = chain?.transport_socket?.typed_config as Message<'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'>;
  assert.equal(context.common_tls_context?.tls_certificate_sds_secret_configs?.[0]?.name, 'shop/web');
  assert.equal(context.common_tls_context?.tls_params?.tls_minimum_protocol_version, 'TLSv1_3');
});

test('an access log is sampled, or left out where nothing would be written', () => {
  const filterOf = (samplePercent: number) => decoded({ accessLog: { format: 'json', samplePercent } }).manager.access_log?.[0]?.filter;
  assert.ok(filterOf(100)?.extension_filter, 'only the route is asked');
  const [failures, sampled] = filterOf(12.5)?.and_filter?.filters?.[0]?.or_filter?.filters ?? [];
  assert.equal(failures?.status_code_filter?.comparison?.value?.default_value, 500);
  assert.equal(sampled?.runtime_filter?.percent_sampled?.numerator, 125_000);
  assert.equal(sampled?.runtime_filter?.use_independent_randomness, true, 'a client must not choose by its request id');
  assert.equal(decoded({ accessLog: { format: 'text', samplePercent: 0 } }).manager.access_log?.length ?? 0, 0);
});
