import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTerminal } from '../../test/fake/terminal.ts';
import type { SplitBackendRow, SplitRow } from '../load/split-rows.ts';
import { noteOf, splitText, threeNumbers } from './split-text.ts';

const backend: SplitBackendRow = {
  cluster: 'v2',
  wanted: 0.1,
  acknowledged: [
    { share: 0.1, envoys: ['a', 'b'] },
    { share: 0.05, envoys: ['c'] },
  ],
  measured: { requests: 1270, errors: 1, inProgress: 0, share: 0.103 },
  otherRoutes: [],
};
const row: SplitRow = {
  group: 'default',
  route: 'HTTPRoute/default/shop/canary',
  virtualHosts: ['*'],
  backends: [backend],
  envoys: 3,
  reporting: ['a', 'b', 'c'],
  away: [],
  countedWith: [],
  overMs: 60_000,
};

test('the three numbers of a cluster are one line', () => {
  assert.equal(
    threeNumbers(row, backend),
    '10% wanted, 10% acknowledged by 2 of 3, 5% acknowledged by 1 of 3, 10.3% measured over 1m (1270 requests, 0.1% errors)',
  );
});

test('a share that is not measured says so, and has no number', () => {
  const { share: _, ...rest } = { requests: 5, errors: 5, inProgress: 0, share: 1 };
  assert.equal(
    threeNumbers(row, { ...backend, acknowledged: [], measured: rest }),
    '10% wanted, not measured, requests of all routes there over 1m (5 requests, 100% errors)',
  );
  const { measured: __, ...silent } = backend;
  const { overMs: ___, ...unmeasured } = row;
  assert.equal(threeNumbers(unmeasured, { ...silent, acknowledged: [] }), '10% wanted, not measured');
});

test('of a share that is not known exactly its limits are told, and how long requests took', () => {
  const within = (atLeast: number, atMost: number): string => {
    const measured = { requests: 5, errors: 0, inProgress: 0, shareWithin: { atLeast, atMost }, latency: { count: 5, p50Ms: 12.34, p95Ms: 480, p99Ms: 1234 } };
    return threeNumbers(row, { ...backend, acknowledged: [], measured });
  };
  assert.equal(
    within(0, 0.12),
    '10% wanted, at most 12% measured, requests of all routes there over 1m (5 requests, 0% errors, p50 12ms, p95 480ms, p99 1.2s)',
  );
  assert.match(within(0.88, 1), /at least 88% measured/);
  assert.match(within(0.1, 0.3), /10% to 30% measured/);
});

test('a removed cluster names those that differ from most', () => {
  const { wanted: _, ...removed } = backend;
  const left: SplitBackendRow = { ...removed, acknowledged: [{ envoys: ['a', 'b'] }, { share: 0.1, envoys: ['c'] }], remainsAt: ['a', 'b', 'c'] };
  const text = splitText(fakeTerminal().terminal, { rows: [{ ...row, backends: [left] }] });
  assert.match(text, /v2 +removed, still at 3 +nothing by 2 of 3, 10% by c +10.3% +1270 in 1m +0.1%/);
  const cut = splitText(fakeTerminal().terminal, { rows: [{ ...row, away: ['d'], backends: [{ ...left, remainsAt: [] }] }] });
  assert.match(cut, /removed, still at 0 and maybe at 1 away/);
  assert.match(cut, /canary: d went before all had these shares, and may go on with others unless ended/);
  assert.equal(splitText(fakeTerminal().terminal, { rows: [] }), 'no splits');
});

test('what is not measured is told with its reason', () => {
  assert.match(noteOf({ ...row, unmeasured: 'noReports' }) ?? '', /no Envoy of it reports/);
  assert.match(
    noteOf({ ...row, unmeasured: 'otherRoutes', backends: [{ ...backend, otherRoutes: ['testers'] }] }) ?? '',
    /other routes use these too: v2 by testers/,
  );
  assert.match(noteOf({ ...row, reporting: ['a'] }) ?? '', /1 of 3 Envoys report/);
  assert.equal(noteOf(row), undefined);
  const alike = { ...row, countedWith: ['HTTPRoute/default/api/canary'] };
  assert.match(noteOf(alike) ?? '', /canary: measured together with HTTPRoute\/default\/api\/canary, which share out alike/);
  assert.match(threeNumbers(alike, backend), /10[.]3% measured, requests of 2 routes that share out alike over 1m \(1270 requests/);
});
