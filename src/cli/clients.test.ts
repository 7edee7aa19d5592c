import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runWords } from '../../test/fake/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-clients-'));
after(() => rmSync(folder, { recursive: true }));

function clients(addresses: readonly string[], ...words: readonly string[]) {
  const file = join(folder, 'access.log');
  writeFileSync(file, addresses.map((client) => `${JSON.stringify({ client })}\n`).join(''));
  return runWords(['clients', file, ...words]);
}

test('the clients of an access log are counted', async () => {
  const { status, printed } = await clients(['203.0.113.7', '203.0.113.8', '203.0.113.7', '203.0.113.9']);
  assert.equal(status, 0);
  assert.match(printed, /^203\.0\.113\.7 +2 +50%$/m);
  assert.match(printed, /^4 requests of 3 addresses$/m);
});

test('those that hide others are a problem', async () => {
  const { status, printed } = await clients(['100.64.0.1', '10.0.0.1', '203.0.113.7'], '--nodes', '10.0.0.0/16');
  assert.equal(status, 1);
  assert.match(printed, /^33\.3% come from 100\.64\.0\.0\/10: a load balancer/m);
  assert.match(printed, /^33\.3% come from nodes: kube-proxy/m);
});

test('what is no access log, no file and no network is told', async () => {
  assert.equal((await clients(['nobody'])).status, 2);
  assert.equal((await runWords(['clients', join(folder, 'missing.log')])).status, 2);
  assert.equal((await clients(['203.0.113.7'], '--nodes', '10.0.0.0')).status, 2);
});
