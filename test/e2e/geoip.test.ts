import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { defaultSettings } from '../../src/settings.ts';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { mmdb } from './mmdb.ts';
import { ingressYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const configMap = (name: string, data: Readonly<Record<string, string>>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ingress-nginx', name }, data });

suite('use-geoip2', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-geoip-'));
  const [cityDatabase, asnDatabase] = [join(folder, 'City.mmdb'), join(folder, 'ASN.mmdb')];
  let backend: HttpBackend;
  let stack: Stack;

  before(async () => {
    const place = { country: { iso_code: 'DE' }, city: { names: { en: 'Berlin' } }, subdivisions: [{ iso_code: 'BE' }] };
    writeFileSync(cityDatabase, mmdb('GeoLite2-City', 127, place));
    writeFileSync(asnDatabase, mmdb('GeoLite2-ASN', 127, { autonomous_system_number: 64500 }));
    backend = await startHttpBackend('a');
    stack = await startStack({
      objects: {
        'config.yaml': [
          configMap('ingress-nginx-controller', {
            'use-geoip2': 'true',
            'use-forwarded-headers': 'true',
            'proxy-real-ip-cidr': '127.0.0.0/8',
            'proxy-set-headers': 'ingress-nginx/headers',
            'log-format-upstream': 'PLACE $request_uri $geoip2_city_country_code $geoip2_asn',
          }),
          configMap('headers', {
            'X-Country': '$geoip2_city_country_code',
            'X-Place': '$geoip2_city/$geoip2_region_code',
            'X-Network': 'AS$geoip2_asn',
          }),
        ].join('\n---\n'),
        'all.yaml': [ingressYaml('shop', {}, { service: 'a' }), serviceYaml('a', [backend.port])].join('\n---\n'),
      },
      settings: { ingress: { ...defaultSettings.ingress, cityDatabase, asnDatabase } },
    });
  });
  after(async () => {
    await stack?.close();
    await backend?.close();
    rmSync(folder, { recursive: true });
  });

  const places = async (headers: Readonly<Record<string, string>>) => {
    assert.equal((await stack.http('/', { headers: { host: 'shop.example', ...headers } })).status, 200);
    const seen = backend.seen.at(-1)?.headers ?? {};
    return Object.fromEntries(Object.entries(seen).filter(([name]) => /country|place|network|region|city|asn/.test(name)));
  };

  test('backends see where a client comes from, and nothing that it makes up', async () => {
    const forged = { 'x-country': 'US', 'x-sluice-country': 'US', 'x-sluice-asn': '1' };
    assert.deepEqual(await places(forged), { 'x-country': 'DE', 'x-place': 'Berlin/BE', 'x-network': 'AS64500' });
  });

  test('the client is whom a trusted proxy names; of an address that is in no database nothing is known', async () => {
    const { 'x-country': country, 'x-sluice-country': own } = await places({ 'x-forwarded-for': '192.0.2.7', 'x-country': 'US', 'x-sluice-country': 'US' });
    assert.deepEqual([country, own], [undefined, undefined]);
  });

  test('the access log tells it too', async () => {
    await stack.http('/near', { headers: { host: 'shop.example' } });
    await stack.http('/far', { headers: { host: 'shop.example', 'x-forwarded-for': '192.0.2.7' } });
    const lines = await waitFor('both are in the log', () => {
      const all = readFileSync(stack.envoys[0]?.logFile ?? '', 'utf8').match(/^PLACE .(near|far) .*$/gm);
      return all?.length === 2 ? all : undefined;
    });
    assert.deepEqual(lines.sort(), ['PLACE /far - -', 'PLACE /near DE 64500']);
  });
});
