import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encode } from '../../src/proto/codec.ts';
import { typeUrls } from '../../src/resource.ts';
import { followXds } from '../fake/xds-client.ts';
import { http } from './client.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { startSluice, untilReady } from './sluice.ts';
import { waitFor } from './wait.ts';

const unavailable = 14;
/** What is promised, and the time that a busy machine needs to see it. */
const withinMs = 5_000 + 15_000;

test('SIGTERM ends the server with 0 in time, also where a client reads nothing and holds on to its stream', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-stop-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'all.yaml'), [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [1])].join('\n---'));
  const [xds, admin] = [await freePort(), await freePort()];
  const state = join(folder, 'state');
  const sluice = startSluice([
    'serve',
    '-c',
    join(folder, 'all.yaml'),
    '--xds-address',
    `127.0.0.1:${xds}`,
    '--admin-address',
    `127.0.0.1:${admin}`,
    '--state-dir',
    state,
  ]);
  try {
    await untilReady(sluice, admin);
    using good = followXds(`127.0.0.1:${xds}`, { protocol: 'delta', id: 'good' });
    const session = connect(`http://127.0.0.1:${xds}`).on('error', () => undefined);
    t.after(() => session.destroy());
    const path = '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' }).on('error', () => undefined);
    const request = encode('envoy.service.discovery.v3.DiscoveryRequest', { node: { id: 'deaf', cluster: 'default' }, type_url: typeUrls.clusters });
    const head = Buffer.alloc(5);
    head.writeUInt32BE(request.length, 1);
    stream.write(Buffer.concat([head, request]));
    await waitFor('both are there', async () => JSON.parse((await http(admin, '/api/v1/status')).body).nodes.length === 2);
    const began = performance.now();
    sluice.child.kill('SIGTERM');
    const { status, stderr } = await sluice.ended;
    assert.deepEqual([status, stderr], [0, '']);
    assert.ok(performance.now() - began < withinMs, `${performance.now() - began} ms`);
    assert.equal((await good.ended).code, unavailable);
  } finally {
    sluice.child.kill('SIGKILL');
  }
});
