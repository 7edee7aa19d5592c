import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { fakeTerminal } from '../../test/fake/terminal.ts';
import type { StatusAnswer } from '../admin/api/status.ts';
import type { NodeStatus } from '../ads/stream/status.ts';
import { diagnostic } from '../diagnostic.ts';
import { countsLine, diagnosticLine } from './diagnostic-lines.ts';
import { durationText } from './duration-text.ts';
import { actionText, getText, matchText, percent } from './get-text.ts';
import { historyText } from './history-text.ts';
import { statusText } from './status-text.ts';
import { table } from './table.ts';
import { whyText } from './why-text.ts';

const { terminal } = fakeTerminal();

test('tables are aligned, without lines, blanks at the end or empty columns', () => {
  assert.equal(
    table(
      ['NAME', 'NOTHING', 'PORT'],
      [
        ['a', '', '80'],
        ['a-long-name', '', '443'],
      ],
    ),
    'NAME         PORT\na            80\na-long-name  443',
  );
});

test('a cell longer than any terminal is neither cut nor folded', () => {
  const long = 'x'.repeat(500);
  assert.ok(table(['A', 'B'], [[long, 'end']]).includes(`${long}  end`));
});

test('colours are used on a terminal only and leave the columns aligned', () => {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  delete process.env['NO_COLOR'];
  delete process.env['FORCE_COLOR'];
  try {
    const coloured = fakeTerminal(true).terminal.paint('red', 'NACKED');
    assert.equal(coloured, '\u001b[31mNACKED\u001b[39m');
    assert.equal(terminal.paint('red', 'NACKED'), 'NACKED');
    const lines = stripVTControlCharacters(
      table(
        ['A', 'B'],
        [
          [coloured, 'x'],
          ['ACKED', 'y'],
        ],
      ),
    ).split('\n');
    assert.deepEqual(lines, ['A       B', 'NACKED  x', 'ACKED   y']);
    process.env['NO_COLOR'] = '1';
    assert.equal(fakeTerminal(true).terminal.paint('red', 'NACKED'), 'NACKED');
  } finally {
    delete process.env['NO_COLOR'];
    if (NO_COLOR !== undefined) process.env['NO_COLOR'] = NO_COLOR;
    if (FORCE_COLOR !== undefined) process.env['FORCE_COLOR'] = FORCE_COLOR;
  }
});

test('durations are told in their two largest units', () => {
  const told = [0, 45, 999, 1000, 12_345, 60_000, 200_000, 3_600_000, 187_200_000, 86_400_000].map(durationText);
  assert.deepEqual(told, ['0ms', '45ms', '999ms', '1s', '12s', '1m', '3m 20s', '1h', '2d 4h', '1d']);
});

test('a diagnostic is one line that editors understand', () => {
  const at = { object: 'HTTPRoute default/shop', field: 'spec', file: 'shop.yaml', line: 3, column: 5 };
  assert.equal(
    diagnosticLine(terminal, diagnostic('UnknownField', at, 'No field x.', 'Remove it.')),
    'shop.yaml:3:5 warning UnknownField No field x. (Remove it.)',
  );
  assert.equal(diagnosticLine(terminal, diagnostic('UnreadableYaml', {}, 'Bad.')), '- error UnreadableYaml Bad.');
  assert.equal(countsLine({ error: 1, warning: 2, info: 0 }), '1 error, 2 warnings');
  assert.equal(countsLine({ error: 0, warning: 0, info: 0 }), 'no problems');
});

const node: NodeStatus = {
  id: 'edge-1',
  group: 'default',
  agent: 'envoy 1.40.0',
  protocol: 'delta',
  peer: '127.0.0.1:5',
  connectedAt: 0,
  revisionWanted: 'bbbb',
  revisionAcked: 'aaaa',
  types: {
    clusters: { state: 'WARMING', subscribed: '*', acked: 3, lagMs: 1500 },
    routes: { state: 'NACKED', subscribed: 1, acked: 0, lagMs: 0 },
    listeners: { state: 'ACKED', subscribed: '*', acked: 1, lagMs: 0 },
  },
  lastNack: {
    at: 10_000,
    type: 'routes',
    message: 'regex is too large',
    isSearching: false,
    resources: [{ name: 'default/80', version: '1', origins: [{ object: 'HTTPRoute default/shop', file: 'shop.yaml', line: 7, column: 1 }] }],
  },
};
const status: StatusAnswer = {
  version: '0.1.0',
  now: 22_000,
  ready: true,
  waitingFor: [],
  groups: [{ name: 'default', revision: 'bbbb' }],
  nodes: [node, { ...node, id: 'stray', group: 'nowhere', types: {}, reason: 'group nowhere does not exist' }].map(({ lastNack, ...rest }) =>
    rest.id === 'stray' || lastNack === undefined ? rest : { ...rest, lastNack },
  ),
  sources: [{ name: 'files:shop', ready: true, objects: 12 }],
  diagnostics: { error: 1, warning: 0, info: 0 },
  held: [],
  releases: [],
  warmUps: [],
  endpointLag: [],
};

test('status tells each Envoy in one line, then what it refused and why it waits', () => {
  const endpointLag = [
    { group: 'default', changes: 40, p50Ms: 12, p99Ms: 210, maxMs: 400, behind: 1, waitSeconds: 1, preStopSeconds: 5 },
    { group: 'sidecar/default/shop', changes: 1, p50Ms: 12, p99Ms: 2000, maxMs: 2000, behind: 0, waitSeconds: 3, preStopSeconds: 7 },
  ];
  const lines = statusText(terminal, { ...status, endpointLag }).split('\n');
  assert.match(lines[0] ?? '', /^NODE +GROUP +ENVOY +PROTOCOL +WANTED +ACKED +LDS +RDS +CDS +EDS +SDS +LAG +LAST NACK$/);
  assert.match(lines[1] ?? '', /^edge-1 +default +1\.40\.0 +delta +bbbb +aaaa +ACKED +NACKED +WARMING +- +- +1s +RDS shop\.yaml:7:1$/);
  const text = lines.join('\n');
  assert.match(text, /^edge-1 refused routes 12s ago: regex is too large\n {2}default\/80 from shop\.yaml:7:1 HTTPRoute default\/shop$/m);
  assert.match(text, /^stray waits: group nowhere does not exist$/m);
  assert.match(text, /^files:shop +yes +12$/m);
  assert.match(text, /^1 error; `sluice lint` lists them$/m);
  assert.match(text, /^endpoints reach every Envoy of group default within 210ms \(p99 of the last 40 changes; at most 400ms; 1 of them lacks a change now\)/m);
  assert.match(text, /group sidecar\/default\/shop within 2s .*: a preStop of at least 7s in Kubernetes, elsewhere 3s between/);
});

test('status tells what splits get', () => {
  const shares = { acknowledged: [{ share: 0.1, envoys: ['a'] }], otherRoutes: [] };
  const backend = { cluster: 'v2', wanted: 0.1, measured: { requests: 200, errors: 2, inProgress: 0, share: 0.11 }, ...shares };
  const row = {
    group: 'default',
    route: 'shop/canary',
    virtualHosts: ['*'],
    backends: [backend],
    envoys: 1,
    reporting: ['a'],
    away: [],
    countedWith: [],
    overMs: 60_000,
  };
  const text = statusText(terminal, { ...status, splits: { rows: [row], more: 3 } });
  const expected = 'shop/canary of group default\n  v2: 10% wanted, 10% acknowledged by 1 of 1, 11% measured over 1m (200 requests, 1% errors)\n3 more splits';
  assert.ok(text.includes(expected), text);
});

test('status without an Envoy says what to do', () => {
  const text = statusText(terminal, { ...status, nodes: [], ready: false, waitingFor: ['files:shop'], diagnostics: { error: 0, warning: 0, info: 0 } });
  assert.match(text, /no Envoy is connected; `sluice bootstrap`/);
  assert.match(text, /nothing is served yet, waiting for files:shop/);
});

test('routes are written as people speak of them', () => {
  const none = { headers: [], query: [], grpc: false };
  const texts = [
    matchText({ ...none, path: { type: 'pathPrefix', value: '/shop' } }),
    matchText({ ...none, path: { type: 'exact', value: '/a' }, headers: [{ name: ':method', type: 'exact', value: 'GET' }] }),
    matchText({
      ...none,
      path: { type: 'regex', value: '/[a-z]+' },
      headers: [{ name: 'x-tester', type: 'exact', value: 'yes' }],
      query: [{ name: 'page', type: 'exact', value: '1' }],
    }),
    matchText({ ...none, path: { type: 'prefix', value: '/' }, headers: [{ name: 'x', type: 'present' }], grpc: true }),
  ];
  assert.deepEqual(texts, ['/shop/*', 'GET = /a', '~ /[a-z]+ x-tester: yes ?page=1', '/* x gRPC']);
  const split = [
    { cluster: 'a', weight: 2, share: 2 / 3 },
    { cluster: 'b', weight: 1, share: 1 / 3 },
  ];
  assert.equal(actionText({ type: 'forward', split }), 'a 66.7%, b 33.3%');
  assert.equal(actionText({ type: 'forward', split: [{ cluster: 'a', weight: 1, share: 1 }] }), 'a');
  assert.equal(actionText({ type: 'respond', status: 404 }), 'answer 404');
  assert.equal(percent(0.9), '90%');
});

test('a table of secrets says when a certificate expires', () => {
  const certificates = [
    { subject: 'CN=shop', names: ['DNS:shop'], fingerprint: 'AA:BB', notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2026-01-11T00:00:00.000Z' },
  ];
  const answer = { type: 'secrets', rows: [{ group: 'default', name: 'default/shop', type: 'certificate', certificates, origins: [] }] } as const;
  assert.match(getText(terminal, answer, Date.parse('2026-01-01')), /default\/shop +certificate +CN=shop +DNS:shop +2026-01-11 in 10d +AA:BB$/);
  assert.match(getText(terminal, answer, Date.parse('2026-02-01')), /2026-01-11 expired/);
  assert.equal(getText(terminal, { type: 'secrets', rows: [] }, 0), 'no secrets');
});

test('a table of endpoints gives the share of each, how far it has come, and who leaves it out', () => {
  const row = { group: 'default', cluster: 'default/a/80', address: '10.0.0.1', health: 'healthy' as const };
  const warmUp = { by: 'Sluice' as const, percent: 40, windowMs: 30_000, isIdle: false };
  const rows = [
    { ...row, port: 1, weight: 100, sharePercent: 71.43 },
    {
      ...row,
      port: 2,
      weight: 40,
      sharePercent: 28.57,
      warmUp,
      outAt: [{ envoy: 'a', reason: 'fails health checks', awaitsCheck: true as const }, { envoy: 'b', leftMs: 7000 }, { envoy: 'c' }],
    },
    { ...row, port: 3, weight: 1, sharePercent: 0, warmUp: { ...warmUp, by: 'Envoy' as const }, outAt: [] },
    { ...row, port: 4, weight: 1, sharePercent: 0, warmUp: { ...warmUp, isIdle: true } },
  ];
  const [head, ...lines] = getText(terminal, { type: 'endpoints', rows }, 0).split('\n');
  assert.match(head ?? '', /WEIGHT +SHARE +WARM-UP +ZONE +OUT AT$/);
  const expected = [
    /:1 +healthy +100 +71.4% +- +- +-$/,
    /40% of 30s +- +a: fails health checks, until one passes; b: -, about 7s left; c: -, time left not known$/,
    /0% +40% of 30s by Envoy +- +-$/,
    /0% +40% of 30s, idle +- +-$/,
  ];
  for (const [index, form] of expected.entries()) assert.match(lines[index] ?? '', form);
});

test('status counts young endpoints, and says when most are', () => {
  const one = { name: 'default/a/http', by: 'Sluice' as const, windowMs: 30_000, isIdle: false, young: 1, endpoints: 4, isMostlyYoung: false };
  const text = statusText(terminal, { ...status, warmUps: [one, { ...one, young: 4, isMostlyYoung: true }, { ...one, isIdle: true }] });
  assert.match(text, /^default\/a\/http: 1 of 4 endpoints are young, of a window of 30s$/m);
  assert.match(text, /4 of 4 endpoints are young, of a window of 30s; most are, so that nobody is spared$/m);
  assert.match(text, /1 of 4 .*; no route sends requests to them, so they do not warm up$/m);
});

test('why tells what an object became and who has it', () => {
  const group = {
    group: 'default',
    revision: 'bbbb',
    resources: [{ type: 'routes', name: 'default/80', version: '12' }],
    routes: ['default/shop/0'],
    nodes: [
      { id: 'edge-1', state: 'ACKED' },
      { id: 'edge-2', state: 'PENDING' },
    ],
  } as const;
  const text = whyText(
    terminal,
    {
      object: 'HTTPRoute default/shop',
      at: { file: 'shop.yaml', line: 1, column: 1 },
      accepted: true,
      diagnostics: [],
      groups: [group],
    },
    true,
  );
  assert.match(text, /^HTTPRoute default\/shop at shop\.yaml:1:1: accepted$/m);
  assert.match(text, /^routes +default\/80 +12$/m);
  assert.match(text, /^route +default\/shop\/0$/m);
  assert.match(text, /Envoys: edge-1 has it, edge-2 PENDING/);
  const missing = whyText(
    terminal,
    { object: 'HTTPRoute default/x', accepted: false, diagnostics: [diagnostic('InvalidField', {}, 'Bad.')], groups: [] },
    true,
  );
  assert.match(missing, /: not read\n/);
  assert.match(missing, /nothing that is served depends on it/);
  const offline = whyText(terminal, { object: 'x', accepted: true, diagnostics: [], groups: [{ ...group, nodes: [] }] }, false);
  assert.doesNotMatch(offline, /Envoy/);
});

test('the history has a line for each revision: when it was built, what it has, what led to it', () => {
  const counts = { listeners: 1, routes: 2, clusters: 3, secrets: 0 };
  const at = { object: 'HTTPRoute default/shop', file: 'shop.yaml', line: 3, column: 1 };
  const cause = [
    { object: 'HTTPRoute default/shop', change: 'changed' as const, at },
    { object: 'Service default/a', change: 'added' as const },
  ];
  const lines = historyText(
    terminal,
    {
      group: 'default',
      served: 'bbbb',
      revisions: [
        { group: 'default', revision: 'bbbb', parent: 'aaaa', at: 60_000, lastAt: 60_000, cause, moreCauses: 30, counts, hasContent: true },
        { group: 'default', revision: 'aaaa', at: 10_000, lastAt: 50_000, cause: [], moreCauses: 0, counts, hasContent: false },
      ],
    },
    70_000,
  ).split('\n');
  assert.equal(lines[0], 'group default, served * bbbb');
  assert.match(lines[1] ?? '', /^ +REVISION +BUILT +LISTENERS +ROUTES +CLUSTERS +SECRETS +NOTE +CAUSE$/);
  assert.match(lines[2] ?? '', /^\* +bbbb +10s ago +1 +2 +3 +0 +HTTPRoute default\/shop changed \(shop\.yaml:3:1\) \+31$/);
  assert.match(lines[3] ?? '', /^ +aaaa +1m ago, again 20s ago +1 +2 +3 +0 +content is gone +-$/);
});

test('status says what is held, pinned, or tried on a few Envoys, and what may be done about it', () => {
  const none = { count: 0, of: 1, names: [] };
  const clusters = { count: 7, of: 9, names: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] };
  const kept = { listeners: none, routes: none, clusters, endpoints: none, objects: [{ object: 'Service default/a', file: 'a.yaml' }], moreObjects: 6 };
  const releases: StatusAnswer['releases'] = [
    { group: 'bulk', served: 'r1', newest: 'r2', held: { reason: 'bulk', why: 'too much goes', since: 40_000, goesOutAt: 130_000, kept } },
    { group: 'back', served: 'r1', newest: 'r2', held: { reason: 'canary', why: 'edge-1 refused it', since: 99_000 } },
    { group: 'pinned', served: 'r1', newest: 'r2', held: { reason: 'pin', why: 'a sale', since: 40_000 }, pin: { since: 40_000, why: 'a sale' } },
    { group: 'tried', served: 'r1', newest: 'r2', rollout: { revision: 'r2', nodes: ['edge-1'], goesOnAt: 130_000 } },
    { group: 'quiet', served: 'r1', newest: 'r1' },
  ];
  const text = statusText(terminal, { ...status, now: 100_000, nodes: [], releases });
  assert.equal(
    text.split('\n\n').slice(3).join('\n\n'),
    `held for 1m, goes out in 30s: revision r2 of group bulk
  why: too much goes
  still served: clusters a, b, c, d, e and 2 more
  gone: a.yaml Service default/a and 6 more
  sluice confirm bulk lets it out, sluice discard bulk keeps it back

held for 1s, until something newer is built: revision r2 of group back
  why: edge-1 refused it
  sluice confirm back lets it out

pinned for 1m: group pinned stays at revision r1 (a sale)
  sluice unpin pinned goes on with r2, which is held

tried: revision r2 of group tried on edge-1, goes to all in 30s unless they refuse it
  sluice confirm tried gives it to all now, sluice discard tried takes it back`,
  );
  const unasked = statusText(terminal, {
    ...status,
    now: 100_000,
    nodes: [],
    releases: [{ group: 'left', served: 'r1', pin: { since: 40_000, why: 'a sale' } }],
  });
  assert.match(unasked, /sluice unpin left lets the group go, as nothing asks for it any more$/);
  const bulk = { reason: 'bulk', why: 'too much goes', since: 40_000, kept } as const;
  const pin = { since: 40_000, why: 'a sale' };
  const both = (held: NonNullable<StatusAnswer['releases'][number]['held']>): string =>
    statusText(terminal, { ...status, now: 100_000, nodes: [], releases: [{ group: 'both', served: 'r1', newest: 'r2', held, pin }] });
  assert.match(both(bulk), /^held for 1m, while the group is pinned: revision r2 of group both$/m);
  assert.doesNotMatch(both(bulk), /sluice confirm both/, 'it would be refused');
  assert.match(both(bulk), /^ {2}sluice unpin both ends that; the bulk change is then held for its time, or until sluice confirm$/m);
  const emptied = { ...bulk, kept: { ...kept, endpoints: { count: 1, of: 9, names: ['a'] } } };
  assert.match(both(emptied), /^ {2}sluice confirm both takes these endpoints away; all else waits for sluice unpin$/m);
  const stored = statusText(terminal, { ...status, now: 100_000, ready: false, waitingFor: ['files:a'], servesStored: { storedAt: 40_000 } });
  assert.match(stored, /what was stored is served, its oldest revision came 1m ago; waiting for files:a/);
});
