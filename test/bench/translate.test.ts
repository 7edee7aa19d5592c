import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { measure } from '../../bench/translate/measurement.ts';
import { report } from '../../bench/translate/report.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-test-'));
after(() => rmSync(folder, { recursive: true }));

// How fast it is depends on the machine: what is asked for here is that a change of one Ingress changes its routes, those of both ports.
test('the bench of translation measures both, and one changed Ingress changes its routes alone', () => {
  const measurement = measure(folder, 100, 20, 3);
  assert.equal(measurement.changedResources, 2);
  for (const figure of [measurement.parsed, measurement.read, measurement.built, measurement.changed]) assert.ok(figure > 0);
  assert.match(report(measurement), /100 Ingresses of 20 host names.*\n.*first snapshot.*\n.*parsed.*\n {2}ratio +\d/);
});
