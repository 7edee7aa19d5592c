import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consequenceLines } from './consequence-lines.ts';

test('endpoints that lose their slow start are named, with the share that they have now', () => {
  const young = Array.from({ length: 7 }, (_, index) => ({ address: `10.0.0.${index}:80`, percent: 10 * (index + 1) }));
  const warmed = [{ cluster: 'a', isNew: false, endsSlowStart: true, waitsFor: [], young }];
  assert.deepEqual(consequenceLines({ drained: [], warmed, removedClusters: [], moved: [], cold: [], phases: [] }), [
    '- no listener lets go of connections',
    '- made anew: cluster a; the old ones serve until these are warm',
    '  requests under way end on the connections of the old ones, all others need new connections',
    '- slow start of cluster a ends at once: 10.0.0.0:80 (now at 10%), 10.0.0.1:80 (now at 20%), 10.0.0.2:80 (now at 30%), 10.0.0.3:80 (now at 40%), 10.0.0.4:80 (now at 50%) and 2 more will have the full share, cold or not',
  ]);
});

test('a cluster that is cold and gets requests is told, with how many and why it is cold', () => {
  const cold = [{ cluster: 'default/old/80', idleMs: 725_000, windowMs: 30_000, route: 'default/80 shop', share: 1 }];
  assert.deepEqual(consequenceLines({ drained: [], warmed: [], removedClusters: [], moved: [], cold, phases: [] }).slice(1), [
    '- cluster default/old/80 is cold (no requests for 12m 5s, longer than its window of 30s) and gets 100% of the requests of default/80 shop all at once',
  ]);
});
