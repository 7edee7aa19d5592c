import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { type Case, casesFile, readCases } from './case.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { differences } from './differences.ts';
import { type CaseGateway, startCaseGateway } from './gateway.ts';
import { pending } from './pending.ts';
import { runCase } from './run-case.ts';

/*
 * What ingress-nginx did, asked of a real Envoy under Sluice: `node --test --test-name-pattern='^(ID|ID)$' test/nginx/cases.test.ts`
 * runs some of the cases.
 */

const cases = readCases();
/** The others speak of the report of a migration alone. */
const served = cases.filter(({ requests }) => requests !== undefined);

test('the file of the cases is as it was given to us', () => {
  const hash = createHash('sha256').update(readFileSync(casesFile)).digest('hex');
  assert.equal(hash, '81d155f6f2b9a3faaae80721cd437355abc2d564c8fac08b2b26fa089fec01cb');
});

test('every case asks something, or says what the report of a migration must say', () => {
  assert.deepEqual(
    cases.filter(({ requests, report }) => !requests && !report).map(({ id }) => id),
    [],
  );
});

test('what differs and what is pending are cases with requests, once each, and fewer than eight differ', () => {
  const ids = served.map(({ id }) => id);
  for (const id of [...pending, ...differences.map((difference) => difference.case)]) assert.ok(ids.includes(id), `there is no case ${id} with requests`);
  assert.equal(new Set(pending).size, pending.length);
  assert.ok(new Set(differences.map((difference) => difference.case)).size < 8);
});

suite('ingress-nginx', () => {
  let certificates: Certificates;
  let gateway: CaseGateway;

  before(async () => {
    certificates = await makeCertificates();
    gateway = await startCaseGateway();
  });
  after(() => gateway?.[Symbol.asyncDispose]());

  for (const one of served) test(one.id, () => runStated(one));

  async function runStated(one: Case): Promise<void> {
    const isPending = pending.includes(one.id);
    const stated = differences.filter((difference) => difference.case === one.id);
    let failed: readonly string[];
    try {
      const failures = await runCase(one, gateway, certificates);
      const isStated = (index: number) => stated.some(({ request }) => request === undefined || request === index);
      failed = [...failures].filter(([index]) => !isStated(index)).flatMap(([index, lines]) => lines.map((line) => `request ${index}: ${line}`));
      for (const { request, reason } of stated) {
        assert.ok(request === undefined ? failures.size > 0 : failures.has(request), `this no longer differs, so take it out of differences.ts: ${reason}`);
      }
    } catch (error) {
      if (error instanceof assert.AssertionError || !isPending) throw error;
      failed = [String(error)];
    }
    if (isPending) assert.notDeepEqual(failed, [], 'it passes: take it out of pending.ts');
    else assert.deepEqual(failed, [], [...failed, 'The server says:', ...gateway.diagnostics()].join('\n'));
  }
});
