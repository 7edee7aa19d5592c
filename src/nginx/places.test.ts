import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Controller } from './controller.ts';
import { knowsPlace, lacksDatabases, placeDatabases } from './places.ts';

type Databases = Readonly<Partial<Record<'cityDatabase' | 'asnDatabase', string>>>;

const controllerOf = (databases: Databases, ...settings: readonly string[]): Controller =>
  ({ flags: databases, value: (key: string) => settings.includes(key) }) as unknown as Controller;

const all = ['geoip_country_code', 'geoip2_city_country_code', 'geoip2_asn', 'geoip2_latitude', 'constructor'];
const known = (controller: Controller): readonly string[] => all.filter((variable) => knowsPlace(controller, variable));

test('a place is known where its setting is on and its database is named', () => {
  const [city, asn] = [{ cityDatabase: '/city.mmdb' }, { asnDatabase: '/asn.mmdb' }];
  assert.deepEqual(known(controllerOf({ ...city, ...asn }, 'use-geoip2')), ['geoip2_city_country_code', 'geoip2_asn']);
  assert.deepEqual(known(controllerOf(city, 'use-geoip2')), ['geoip2_city_country_code']);
  assert.deepEqual(known(controllerOf(asn, 'use-geoip2')), ['geoip2_asn']);
  assert.deepEqual(known(controllerOf(city, 'use-geoip')), ['geoip_country_code']);
  assert.deepEqual(known(controllerOf(city)), []);
  assert.deepEqual(known(controllerOf({}, 'use-geoip2')), []);
});

test('databases that nobody asks for are not read, and a setting without them has no effect', () => {
  assert.equal(placeDatabases(controllerOf({ cityDatabase: '/city.mmdb' })), undefined);
  assert.equal(lacksDatabases(controllerOf({ cityDatabase: '/city.mmdb' }, 'use-geoip2'), 'use-geoip2'), false);
  assert.deepEqual(
    ['use-geoip2', 'use-geoip', 'use-gzip'].map((key) => lacksDatabases(controllerOf({}, 'use-geoip2', 'use-gzip'), key)),
    [true, false, false],
  );
});
