import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster, manyRoutes } from '../../test/fake/resources.ts';
import type { ToldRefusal } from '../ads/refusal/refusals.ts';
import { routePieces } from '../revision/route-pieces.ts';
import { refusalDiagnostics } from './refusal-diagnostics.ts';

const { type, name, version, origins } = cluster('shop/80');
const ofCluster: ToldRefusal = {
  type,
  name,
  version,
  origins,
  instead: 'lastGood',
  message: 'too old for this',

  group: 'default',
  agent: 'envoy 1.40.0',
};

test('a refused resource is told of at each object that it comes from, once', () => {
  const twice = { ...ofCluster, origins: [...origins, { object: 'BackendPolicy default/shop', line: 3 }, { object: 'BackendPolicy default/shop', line: 9 }] };
  const found = refusalDiagnostics([twice], () => new Map());
  assert.deepEqual(
    found.map(({ code, at, message }) => [code, at.object, at.line, message]),
    [
      [
        'RefusedByEnvoy',
        'Service default/shop/80',
        undefined,
        'envoy 1.40.0 of group default refuses the cluster shop/80, so its last good form stays in use: too old for this',
      ],
      [
        'RefusedByEnvoy',
        'BackendPolicy default/shop',
        3,
        'envoy 1.40.0 of group default refuses the cluster shop/80, so its last good form stays in use: too old for this',
      ],
    ],
  );
});

test('a refused route is told of at the object of the route, not of all that the route configuration comes from', () => {
  const table = manyRoutes('default/80', 3, 'shop/80', [1]);
  const piece = [...routePieces(table).values()].find(({ route }) => route === '/1/');
  assert.ok(piece);
  const refusal: ToldRefusal = { ...ofCluster, type: 'routes', name: table.name, version: table.version, origins: table.origins, piece, instead: 'standIn' };
  const [found, ...more] = refusalDiagnostics([refusal], () => new Map([['default/80 /1/', [{ object: 'HTTPRoute default/one', file: 'one.yaml', line: 7 }]]]));
  assert.deepEqual(found?.at, { object: 'HTTPRoute default/one', file: 'one.yaml', line: 7 });
  assert.match(found?.message ?? '', /refuses the route \/1\/ of default\/80, so requests for it are answered with 503/);
  assert.deepEqual(more, []);
});

test('a listener that several Envoys cannot bind is told of once, with who they are', () => {
  const of = (node: string): ToldRefusal => ({ ...ofCluster, type: 'listeners', name: 'default/81', instead: 'nothing', message: 'in use', node });
  const [found, ...more] = refusalDiagnostics(['a', 'b', 'c', 'd', 'e'].map(of), () => new Map());
  assert.equal(found?.code, 'PortRefusedByEnvoy');
  assert.equal(
    found?.message,
    'envoy 1.40.0 a, b, c and 2 more of group default cannot use the listener default/81 at its place, so it is left out there: in use',
  );
  assert.match(found?.remedy ?? '', /tried again by itself/);
  assert.deepEqual(more, []);
});
