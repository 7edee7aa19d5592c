import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { furtherFile, readCases } from './case.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { type CaseGateway, startCaseGateway } from './gateway.ts';
import { runCase } from './run-case.ts';

/*
 * What ingress-nginx does where annotations meet each other, read from its source, asked of a real Envoy under Sluice: `node --test
 * --test-name-pattern='^(ID|ID)$' test/nginx/further-cases.test.ts` runs some of the cases. Nothing may differ.
 */

const cases = readCases(furtherFile);

test('each case has an id of its own, a source and requests', () => {
  assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length);
  assert.deepEqual(
    cases.filter(({ source, requests }) => !source || !requests).map(({ id }) => id),
    [],
  );
});

suite('ingress-nginx', () => {
  let certificates: Certificates;
  let gateway: CaseGateway;

  before(async () => {
    certificates = await makeCertificates();
    gateway = await startCaseGateway();
  });
  after(() => gateway?.[Symbol.asyncDispose]());

  for (const one of cases) {
    test(one.id, async () => {
      const failures = await runCase(one, gateway, certificates);
      const failed = [...failures].flatMap(([index, lines]) => lines.map((line) => `request ${index}: ${line}`));
      assert.deepEqual(failed, [], [...failed, 'The server says:', ...gateway.diagnostics()].join('\n'));
    });
  }
});
