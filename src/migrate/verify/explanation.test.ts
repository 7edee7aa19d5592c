import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IngressFinding } from '../finding.ts';
import type { Level } from '../level.ts';
import { countsOf, type IngressReport, type MigrationReport } from '../report.ts';
import { explanationsOf } from './explanation.ts';
import type { Probe } from './probe.ts';

function reportOf(name: string, host: string, annotation: string | null, level: Level): IngressReport {
  const ingress = { namespace: 'default', name, object: { spec: { rules: [{ host }] } } } as unknown as IngressFinding['ingress'];
  return { namespace: 'default', name, origin: {}, verdict: level, findings: [{ ingress, annotation, at: {}, level, message: `of ${name}` }] };
}

const counts = countsOf([]);
const report: MigrationReport = {
  ingresses: [
    reportOf('other', 'b.example', 'custom-headers', 'near'),
    reportOf('beside', 'a.example', 'custom-headers', 'near'),
    reportOf('own', 'a.example', 'configuration-snippet', 'unsupported'),
    reportOf('wild', '*.example', null, 'dangerous'),
    reportOf('exact', 'a.example', 'custom-headers', 'exact'),
  ],
  settings: [
    { key: 'hsts', at: {}, level: 'unsupported', message: 'not read' },
    { key: 'proxy-read-timeout', at: {}, level: 'near', message: 'near' },
  ],
  totals: { ingresses: counts, findings: counts, settings: counts, dropped: 0 },
};
const probe = {
  host: 'A.example:8443',
  path: '/',
  method: 'GET',
  headers: {},
  about: 'the path',
  isSplit: false,
  ingress: { namespace: 'default', name: 'own' },
} as unknown as Probe;

test('what explains a difference is of its Ingress, then of its host name, then a setting, and can change such a thing', () => {
  const explained = explanationsOf({ aspect: 'header', name: 'x', from: '1', to: 'none' }, probe, report);
  assert.deepEqual(
    explained.map(({ ingress, subject }) => [ingress, subject]),
    [
      ['default/own', 'configuration-snippet'],
      ['default/beside', 'custom-headers'],
      ['default/wild', null],
      [undefined, 'hsts'],
    ],
  );
});
