import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultClientLimits } from '../client-limits.ts';
import { defaultSettings } from '../settings.ts';
import { readConfig } from './read-config.ts';
import { configOptions } from './server-options.ts';

test('options win over the environment, the environment over defaults', () => {
  const { config, diagnostics } = readConfig(
    { config: ['a'], xdsAddress: '127.0.0.1:1', stateKeyFile: 'key' },
    {
      SLUICE_CONFIG: 'b',
      SLUICE_XDS_ADDRESS: '127.0.0.1:2',
      SLUICE_ADMIN_ADDRESS: '[::1]:3',
      SLUICE_HTTP_PORT: '80',
      SLUICE_ADMIN_TOKEN: 't',
      SLUICE_STATE_DIR: '/state',
      SLUICE_ENVOY_ADMIN: '127.0.0.1:9901, [::1]:9902',
    },
  );
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(config, {
    config: ['a'],
    xdsAddress: '127.0.0.1:1',
    adminAddress: '[::1]:3',
    adminToken: 't',
    clientLimits: defaultClientLimits,
    envoyAdmins: ['127.0.0.1:9901', '[::1]:9902'],
    readOnly: false,
    insecure: false,
    trustDomain: 'sluice',
    logLevel: 'info',
    stateDir: '/state',
    stateKeyFile: 'key',
    settings: { ...defaultSettings, httpPort: 80 },
  });
  assert.deepEqual(readConfig({}, { SLUICE_CONFIG: 'a:b' }).config.config, ['a', 'b']);
});

const withTls = { tlsCert: 'c', tlsKey: 'k', tlsClientCa: 'ca' };
const wrong: readonly (readonly [string, Parameters<typeof readConfig>[0], Record<string, string>, RegExp])[] = [
  ['--xds-address', { xdsAddress: '18000' }, {}, /"18000" is not an address/],
  ['SLUICE_ADMIN_ADDRESS', {}, { SLUICE_ADMIN_ADDRESS: 'x' }, /is not an address/],
  ['--envoy-admin', { envoyAdmin: '127.0.0.1:9901,9902' }, {}, /is not addresses as HOST:PORT/],
  ['--envoy-view-port', { envoyViewPort: '0' }, {}, /"0" is not a port/],
  ['--http-port', { httpPort: '0' }, {}, /"0" is not a port/],
  ['--https-port', { httpsPort: '70000' }, {}, /is not a port/],
  ['--https-port', { httpsPort: '8080' }, {}, /cannot both/],
  ['--log-level', { logLevel: 'loud' }, {}, /is not one of/],
  ['SLUICE_INSECURE', {}, { SLUICE_INSECURE: 'yes' }, /is not "true"/],
  ['--state-dir', { stateDir: '' }, {}, /^"" is not a path/],
  ['--tls-client-ca', { tlsCert: 'c', tlsKey: 'k', tlsClientCa: '' }, {}, /^"" is not a path/],
  ['--config', { config: ['a', ''] }, {}, /^"" is not a path/],
  ['--state-key-file', { stateKeyFile: 'key' }, {}, /no state folder/],
  ['--provision', { provision: 'file', ...withTls }, {}, /a cluster, and none is read/],
  ['--provision', { provision: 'file', kubernetes: true, readOnly: true, ...withTls }, {}, /and nothing is written to it/],
  ['--provision', { provision: 'file', kubernetes: true }, {}, /the server asks for none/],
  ['--start-from-state', { startFromState: '30s' }, {}, /no state folder/],
  ['--start-from-state', { startFromState: 'soon', stateDir: 'state' }, {}, /"soon" is not a duration/],
  ['--fuse-percent', { fusePercent: '101' }, {}, /"101" is not a whole number from 0 to 100/],
  ['--client-census', { clientCensus: '101' }, {}, /"101" is not a number from 0 to 100/],
  ['SLUICE_NODE_NETWORKS', {}, { SLUICE_NODE_NETWORKS: '10.0.0.0/16,10.1.0.0/33' }, /is not networks as ADDRESS\/LENGTH/],
  ['--fuse-hold', { fuseHold: '5' }, {}, /"5" is not a duration/],
  ['SLUICE_CANARY_NODES', {}, { SLUICE_CANARY_NODES: '0%' }, /"0%" is not a share/],
  ['--canary-nodes', { canaryNodes: '0' }, {}, /is not a share/],
  ['--canary-watch', { canaryWatch: '5m' }, {}, /none is watched/],
  ['--xds-address', { xdsAddress: '0.0.0.0:18000' }, {}, /certificates and keys/],
  ['--tls-cert', { tlsCert: 'c' }, {}, /needs a certificate and its key/],
  ['--tls-cert', { tlsClientCa: 'ca' }, {}, /needs a certificate and its key/],
  ['--xds-address', { xdsAddress: '0.0.0.0:1', tlsCert: 'c', tlsKey: 'k' }, {}, /whoever connects/],
  ['--trust-domain', { trustDomain: 'Not/One' }, {}, /trust domain/],
  ['--max-connections', { maxConnections: '0' }, {}, /"0" is not a whole number from 1/],
  ['SLUICE_MAX_STREAMS', {}, { SLUICE_MAX_STREAMS: 'many' }, /"many" is not a whole number/],
  ['--max-names', { maxNames: '10000001' }, {}, /is not a whole number/],
  ['--max-request-rate', { maxRequestRate: '0.5' }, {}, /is not a whole number/],
  ['--max-request-size', { maxRequestSize: '64MB' }, {}, /"64MB" is not a size/],
  ['--max-request-size', { maxRequestSize: '63KiB' }, {}, /is not a size from 64KiB/],
  ['--max-unfinished-size', { maxUnfinishedSize: '2GiB' }, {}, /is not a size/],
  ['--first-request-timeout', { firstRequestTimeout: '1ms' }, {}, /is not a duration from 1s/],
  ['--first-request-timeout', { firstRequestTimeout: '30' }, {}, /is not a duration/],
  ['--admin-address', { adminAddress: '10.0.0.1:18001' }, {}, /needs a token/],
];
for (const [field, given, env, message] of wrong) {
  test(`${field} ${JSON.stringify(given)} ${JSON.stringify(env)} is reported`, () => {
    const { diagnostics } = readConfig({ config: ['a'], ...given }, env);
    assert.equal(diagnostics.length, 1);
    assert.equal(diagnostics[0]?.code, 'InvalidOption');
    assert.equal(diagnostics[0]?.at.field, field);
    assert.match(diagnostics[0]?.message ?? '', message);
    assert.ok(diagnostics[0]?.remedy);
  });
}

test('what is held, what goes to a few Envoys first, and a start without sources are options', () => {
  const settingsOf = (given: Parameters<typeof readConfig>[0]) => readConfig({ config: ['a'], stateDir: 's', ...given }, {}).config.settings.release;
  assert.deepEqual(settingsOf({}), { fusePercent: 30, fuseHoldMs: 300_000 });
  assert.deepEqual(settingsOf({ fusePercent: '0', fuseHold: '1m30s', startFromState: '0s', canaryNodes: '10%' }), {
    fusePercent: 0,
    fuseHoldMs: 90_000,
    startFromStateMs: 0,
    canary: { share: { percent: 10 }, watchMs: 60_000 },
  });
  assert.deepEqual(settingsOf({ canaryNodes: '3', canaryWatch: '5s' }).canary, { share: { nodes: 3 }, watchMs: 5000 });
});

test('how many clients are told of, and the networks of nodes, are options', () => {
  const censusOf = (given: Parameters<typeof readConfig>[0]) => readConfig({ config: ['a'], ...given }, {}).config.settings.clientCensus;
  assert.deepEqual(censusOf({}), { samplePercent: 0.5, nodes: [] });
  assert.deepEqual(censusOf({ clientCensus: '0', nodeNetworks: '10.0.0.0/16, fd00::/8' }), { samplePercent: 0, nodes: ['10.0.0.0/16', 'fd00::/8'] });
  assert.equal(censusOf({ clientCensus: '2.5%' }).samplePercent, 2.5);
});

test('limits of clients are options', () => {
  const limitsOf = (given: Parameters<typeof readConfig>[0], env = {}) => readConfig({ config: ['a'], ...given }, env);
  const all = {
    maxConnections: '1',
    maxConnectionsPerAddress: '2',
    maxStreams: '3',
    maxStreamsPerAddress: '4',
    maxRequestRate: '5',
    maxRequestSize: '1MiB',
    maxUnfinishedSize: '1048577',
    maxNames: '6',
    firstRequestTimeout: '1m30s',
    loadReportInterval: '5s',
  };
  assert.deepEqual(limitsOf(all).config.clientLimits, {
    ...defaultClientLimits,
    connections: 1,
    connectionsPerAddress: 2,
    streams: 3,
    streamsPerAddress: 4,
    requestsPerSecond: 5,
    requestBurst: 100,
    requestBytes: 1024 ** 2,
    unfinishedBytes: 1024 ** 2 + 1,
    names: 6,
    firstRequestMs: 90_000,
    loadReportMs: 5_000,
  });
  // The defaults that the help shows are those that hold.
  const shown = configOptions.filter(({ key }) => key in all).map(({ key, default: text }) => [key, text]);
  assert.deepEqual(limitsOf(Object.fromEntries(shown)).config.clientLimits, defaultClientLimits);
});

test('what reaches beyond this machine is allowed when it is asked for aloud', () => {
  const given = { config: ['a'], xdsAddress: '0.0.0.0:18000', adminAddress: '0.0.0.0:18001', insecure: true };
  assert.deepEqual(readConfig(given, { SLUICE_ADMIN_TOKEN_FILE: 'token' }).diagnostics, []);
});

test('certificates of clients make a server fit for a network', () => {
  const env = { SLUICE_TLS_CERT: 'c', SLUICE_TLS_KEY: 'k', SLUICE_TLS_CLIENT_CA: 'ca', SLUICE_TRUST_DOMAIN: 'shop.example' };
  const { config, diagnostics } = readConfig({ config: ['a'], xdsAddress: '0.0.0.0:18000' }, env);
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(config.tls, { certificateChain: 'c', privateKey: 'k', clientAuthorities: 'ca' });
  assert.equal(config.trustDomain, 'shop.example');
});

test('a server without objects is refused', () => {
  assert.match(readConfig({}, {}).diagnostics[0]?.message ?? '', /nothing to read/);
});

test('every variable is ours', () => {
  for (const { variable } of configOptions) assert.match(variable, /^SLUICE_[A-Z_]+$/);
});
