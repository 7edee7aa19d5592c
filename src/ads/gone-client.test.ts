import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { waitFor } from '../../test/e2e/wait.ts';
import { startAdsServer } from '../../test/fake/ads-server.ts';
import { createFakeKeyFiles } from '../../test/fake/key-files.ts';
import { quietObserver } from '../../test/fake/observer.ts';
import { cluster } from '../../test/fake/resources.ts';
import { openXdsStream } from '../../test/fake/xds-client.ts';
import { parseAddress } from '../address.ts';
import { typeUrls } from '../resource.ts';
import { createAuthority, issueCertificate } from '../tls/authority.ts';
import type { AdsObserver } from './stream/status.ts';

const now = Date.now();
const authority = await createAuthority('a', { now, days: 1 });
const own = await issueCertificate(authority, { commonName: 'sluice', usage: 'server', names: ['sluice'] }, { now, days: 1 });

/** Hands on what comes, until it ends the side of the server as a process does that is gone. */
async function startWire(to: string) {
  const ends: Socket[] = [];
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: parseAddress(to)?.port ?? 0 });
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => near.write(bytes));
    ends.push(far, near);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    end: () => ends[0]?.end(),
    [Symbol.dispose]() {
      for (const socket of ends) socket.destroy();
      server.close();
    },
  };
}

test('a client whose process ended is noticed at once over TLS as well', async () => {
  let isClosed = false;
  const observer: AdsObserver = {
    ...quietObserver,
    streamClosed() {
      isClosed = true;
    },
  };
  const keyFiles = createFakeKeyFiles({ certificateChain: own.certificate, privateKey: own.key });
  // No keep-alive notices it.
  const clientLimits = { keepaliveMs: 3_600_000 };
  await using started = await startAdsServer([cluster('a')], { observer, keyFiles, clientLimits });
  using wire = await startWire(started.address);
  using stream = openXdsStream({ address: wire.address, protocol: 'delta', tls: { authority: authority.certificate } });
  const node = { id: 'n', group: 'default', agent: 'test' };
  stream.send({ protocol: 'delta', node, typeUrl: typeUrls.clusters, nonce: '', subscribe: [], unsubscribe: [], initialVersions: {} });
  await waitFor('the answer', () => stream.answers.length > 0);
  wire.end();
  await waitFor('it is noticed', () => isClosed);
  assert.equal(started.server.nodes().length, 0);
});
