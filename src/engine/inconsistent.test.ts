import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { cluster, endpoints, routes, snapshotOf } from '../../test/fake/resources.ts';
import { unresolvedCluster } from '../ir/names.ts';
import type { Resource } from '../resource.ts';
import { logInconsistent } from './inconsistent.ts';

/** The lines that are logged of a snapshot. */
function logged(resources: readonly Resource[]): readonly Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const snapshot = snapshotOf('default', resources);
  logInconsistent(snapshot, pino({}, { write: (line) => lines.push(JSON.parse(line)) }));
  return lines;
}

test('what is missing is logged as an error, by name', () => {
  const [line, ...more] = logged([cluster('a'), routes('r', { '/': 'a', '/b': 'b' })]);
  assert.deepEqual(more, []);
  assert.equal(line?.['level'], 50);
  assert.deepEqual(line['inconsistencies'], [
    'cluster a needs endpoints a, which does not exist',
    'route configuration r needs cluster b, which does not exist',
  ]);
});

test('nothing is logged of a whole snapshot, nor of backends that are known to be unresolved', () => {
  assert.deepEqual(logged([cluster('a'), endpoints('a', [1]), routes('r', { '/': 'a', '/b': unresolvedCluster })]), []);
});
