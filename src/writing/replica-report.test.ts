import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportedRefusal } from '../ads/refusal/reported-refusal.ts';
import { type ReplicaReport, readReport, reportBody } from './replica-report.ts';

const textOf = (report: ReplicaReport): string => JSON.stringify(reportBody(report));

const refusal: ReportedRefusal = {
  group: 'default',
  agent: 'envoy 1.40.0',
  type: 'routes',
  name: 'default/80',
  version: 'a',
  instead: 'standIn',
  message: 'bad regex',
  piece: { key: 'shop', version: 'b' },
};

test('a report is read as it was written, without groups that have no Envoy', () => {
  const report: ReplicaReport = {
    groups: new Map([
      ['edge', { envoys: 2, acknowledged: 1, revision: 'r', held: 'it is pinned' }],
      ['empty', { envoys: 0, acknowledged: 0, revision: 's' }],
    ]),
    refusals: [refusal, { ...refusal, type: 'listeners', node: 'envoy-0' }],
  };
  const [edge] = report.groups;
  assert.deepEqual(readReport(textOf(report)), { ...report, groups: new Map(edge ? [edge] : []) });
});

test('a report has a bound, and tells of groups before refusals', () => {
  const groups = new Map(Array.from({ length: 400 }, (_, index) => [`group-${index}`, { envoys: 1, acknowledged: 1, revision: 'r'.repeat(16) }]));
  const refusals = Array.from({ length: 1000 }, (_, index) => ({ ...refusal, name: `${index}`, message: 'x'.repeat(5000) }));
  const text = textOf({ groups, refusals });
  assert.ok(Buffer.byteLength(text) <= 49 * 1024, `${Buffer.byteLength(text)} bytes`);
  const read = readReport(text);
  assert.equal(read?.groups.size, 400);
  assert.ok((read?.refusals.length ?? 0) > 5, `${read?.refusals.length}`);
});

test('what is no report says nothing', () => {
  for (const text of ['', '{', '[]', '{"groups":{"edge":{"envoys":"2"}},"refusals":[]}']) assert.equal(readReport(text), undefined, text);
});
