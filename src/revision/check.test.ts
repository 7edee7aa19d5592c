import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badResources, goodResources } from '../../test/fake/bad-resources.ts';
import { endpoints } from '../../test/fake/resources.ts';
import { resource } from '../xds/encode.ts';
import { pathText, problems } from './check.ts';

const texts = (...[of]: Parameters<typeof problems>): readonly string[] => problems(of).map(({ path, rule }) => `${pathText(path)} ${rule}`);

for (const { resource: bad, problem } of badResources) {
  test(`${bad.type}: ${problem}`, () => {
    const found = texts(bad);
    assert.equal(found.length, 1, found.join('\n'));
    assert.ok(found[0]?.startsWith(problem), found[0] ?? '');
  });
}

test('good resources have no problems', () => {
  for (const good of [...goodResources, endpoints('a', [1])]) assert.deepEqual(texts(good), []);
});

test('endpoints that come by EDS have addresses, not names', () => {
  const address = { socket_address: { address: 'host.example.com', port_value: 1 } };
  const bad = resource('endpoints', 'a', { cluster_name: 'a', endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] }, []);
  assert.deepEqual(texts(bad), ['endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address must be an IP address']);
});

test('a resource holds the name under which it is sent', () => {
  assert.deepEqual(texts({ ...endpoints('a', [1]), name: 'b' }), ['cluster_name must be b, not a']);
  const long = 'x'.repeat(300);
  assert.deepEqual(texts(endpoints(long, [1])), []);
});
