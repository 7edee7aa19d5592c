import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import type { Measurement } from '../../bench/kubernetes/measurement.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../bench/kubernetes/main.ts');
const root = mkdtempSync(join(tmpdir(), 'sluice-kubernetes-test-'));
after(() => rmSync(root, { recursive: true, force: true }));

// How fast anything is depends on the machine: what is asked for here is that all of it runs and that nothing is lost.
test('the bench fills a real API server, and every change reaches a real Envoy', { timeout: 900_000 }, async () => {
  const [json, plot, scratch] = [join(root, 'result.json'), join(root, 'result.svg'), mkdtempSync(join(root, 'tmp-'))];
  const env = { ...process.env, TMPDIR: scratch };
  const { stdout } = await run(process.execPath, [program, '--quick', '--json', json, '--plot', plot], { env, maxBuffer: 16 * 1024 * 1024 });
  const { first, status, endpoints, routes } = JSON.parse(readFileSync(json, 'utf8')) as Measurement;
  assert.ok(first.memory.peakMiB > 50 && first.cpuSeconds > 0 && first.control.cpuSeconds > 0);
  // 50 HTTPRoutes, the Gateway and its class.
  assert.equal(status.objects, 52);
  assert.ok(status.writes <= status.objects + 1, `${status.writes} writes`);
  // One list and one watch of a kind, and nothing again while slices and routes change.
  assert.equal(first.requests['list endpointslices'], 1);
  assert.equal(first.requests['watch httproutes'], 1);
  assert.equal(endpoints.requests['list endpointslices'], undefined);
  assert.equal(endpoints.each.length, 20);
  assert.equal(endpoints.missed + endpoints.refused, 0);
  for (const { apiServer, envoy } of endpoints.each) assert.ok(apiServer > 0 && envoy > 0);
  assert.equal(routes?.each.length, 3);
  assert.equal(routes.alone.length, 3);
  for (const { apiServer, sluice, envoy } of routes.each) assert.ok(apiServer > 0 && apiServer + sluice + envoy > 0);
  assert.ok(routes.tableBytes > 1000);
  assert.match(stdout, /Requests to the API server\nWHEN +GET +LIST +WATCH/);
  assert.match(readFileSync(plot, 'utf8'), /^<svg .*<\/svg>\n$/s);
  assert.deepEqual(readdirSync(scratch), []);
});
