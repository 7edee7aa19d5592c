import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ingressSettingsOf } from './ingress-options.ts';

const read = (given: object, env: Readonly<Record<string, string>> = {}) => {
  const { settings, diagnostics } = ingressSettingsOf(given, env);
  return { settings, told: diagnostics.map(({ code, at }) => `${code} ${at.field}`) };
};

test('nothing is said where nothing is given: then the objects say it', () => assert.deepEqual(read({}), { settings: {}, told: [] }));

test('options go before the environment', () => {
  const { settings, told } = read({ ingressDialect: 'ack', configmap: 'a/b' }, { SLUICE_CONFIGMAP: 'c/d', SLUICE_WATCH_INGRESS_WITHOUT_CLASS: 'true' });
  assert.deepEqual([settings, told], [{ dialect: 'ack', configMap: 'a/b', watchesWithoutClass: true }, []]);
});

test('a wrong value is told, and says nothing', () => {
  const { settings, told } = read({ ingressRetries: 'never', disableCatchAll: 'maybe' }, { SLUICE_CONFIGMAP: 'one' });
  assert.deepEqual([settings, told], [{}, ['InvalidOption --ingress-retries', 'InvalidOption --disable-catch-all', 'InvalidOption SLUICE_CONFIGMAP']]);
});

test('a database is the path of a file', () => {
  assert.deepEqual(read({ ingressGeoipCityDatabase: '/data/City.mmdb' }, { SLUICE_INGRESS_GEOIP_ASN_DATABASE: 'ASN.mmdb' }), {
    settings: { cityDatabase: '/data/City.mmdb' },
    told: ['InvalidOption SLUICE_INGRESS_GEOIP_ASN_DATABASE'],
  });
});

test('an option without effect is taken, and told', () => {
  assert.deepEqual(read({ profiling: 'true', reportNodeInternalIpAddress: 'true', v: '2', log_dir: '/var/log' }).told.sort(), [
    'FlagIgnored --report-node-internal-ip-address',
    'FlagInert --log_dir',
    'FlagInert --profiling',
    'FlagInert --v',
  ]);
});
