import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { waitFor } from '../../test/e2e/wait.ts';
import { startAdsServer } from '../../test/fake/ads-server.ts';
import { createLeapingClock } from '../../test/fake/clock.ts';
import { createFakeKeyFiles } from '../../test/fake/key-files.ts';
import { quietObserver } from '../../test/fake/observer.ts';
import { cluster } from '../../test/fake/resources.ts';
import { type ClientTls, openXdsStream, type XdsStream } from '../../test/fake/xds-client.ts';
import { parseAddress } from '../address.ts';
import { type Clock, systemClock } from '../clock.ts';
import { typeUrls } from '../resource.ts';
import { type CertificateAndKey, createAuthority, issueCertificate } from '../tls/authority.ts';
import type { KeyMaterial } from '../tls/key-material.ts';

const [permissionDenied, unavailable, unauthenticated] = [7, 14, 16];
const now = Date.now();
const dayMs = 24 * 60 * 60 * 1000;
const authority = await createAuthority('clients and servers', { now, days: 300 });

const forGroup = (group: string, from = now, issuer = authority): Promise<CertificateAndKey> =>
  issueCertificate(issuer, { commonName: group, usage: 'client', names: [`spiffe://sluice/group/${group}`] }, { now: from, days: 30 });

async function material(issuer = authority): Promise<KeyMaterial> {
  const { certificate, key } = await issueCertificate(issuer, { commonName: 'sluice', usage: 'server', names: ['sluice', '127.0.0.1'] }, { now, days: 30 });
  return { certificateChain: certificate, privateKey: key, clientAuthorities: authority.certificate };
}

async function start(clock: Clock = systemClock) {
  const lines: Record<string, unknown>[] = [];
  const told: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const keyFiles = createFakeKeyFiles(await material());
  const observer = {
    ...quietObserver,
    streamRefused: (code: string) => void told.push(code),
    connectionRefused: (reason: string) => void told.push(reason),
  };
  const started = await startAdsServer([cluster('a')], { clock, log, observer, keyFiles });
  started.snapshots.put('sidecar/default/shop', [cluster('a')]);
  return { ...started, keyFiles, lines, told };
}

function open(address: string, group: string, tls: ClientTls | undefined): XdsStream {
  const stream = openXdsStream({ address, protocol: 'delta', ...(tls ? { tls } : {}) });
  const node = { id: 'n', group, agent: 'test' };
  stream.send({ protocol: 'delta', node, typeUrl: typeUrls.clusters, nonce: '', subscribe: [], unsubscribe: [], initialVersions: {} });
  return stream;
}

const showing = ({ certificate, key }: CertificateAndKey): ClientTls => ({ authority: authority.certificate, certificate, key });

async function answered(stream: XdsStream, count = 1): Promise<void> {
  let end: string | undefined;
  void stream.ended.then(({ code, details }) => {
    end = `ended with ${code} ${details}`;
  });
  await waitFor('the answer', () => stream.answers.length >= count || end !== undefined);
  assert.ok(stream.answers.length >= count, end ?? 'no answer');
}

/** A bare TLS connection: resolves when the server took it, rejects when it did not. */
async function shakeHands(address: string, options: ConnectionOptions): Promise<TLSSocket> {
  const to = parseAddress(address);
  const socket = connect({ host: '127.0.0.1', port: to?.port, servername: 'sluice', ca: authority.certificate, ALPNProtocols: ['h2'], ...options });
  // With TLS 1.3 the client hears after its own handshake that the server refuses its certificate; a server that takes it speaks.
  await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => assert.fail('closed'))]);
  return socket;
}

describe('mutual TLS', () => {
  test('serves the group that the certificate names', async () => {
    await using started = await start();
    for (const group of ['default', 'sidecar/default/shop']) {
      using stream = open(started.address, group, showing(await forGroup(group)));
      await answered(stream);
    }
    const closed = started.lines.find(({ msg }) => msg === 'xDS stream opened');
    assert.deepEqual(closed?.['client'], { subject: 'CN=default', uris: ['spiffe://sluice/group/default'] });
  });

  test('refuses another group, tells the client and the log who asked for what, and counts it', async () => {
    await using started = await start();
    using stream = open(started.address, 'default', showing(await forGroup('sidecar/default/shop')));
    const { code, details } = await stream.ended;
    assert.equal(code, permissionDenied);
    assert.match(
      details,
      /group "default".* needs spiffe:\/\/sluice\/group\/default .*CN=sidecar\/default\/shop is for spiffe:\/\/sluice\/group\/sidecar\/default\/shop/,
    );
    assert.deepEqual(stream.answers, []);
    assert.deepEqual(started.told, ['PERMISSION_DENIED']);
    const line = started.lines.find(({ msg }) => msg === 'xDS stream not served');
    assert.equal(line?.['node'], 'n');
    assert.equal(line?.['group'], 'default');
    assert.equal(line?.['reason'], details);
    assert.equal(started.server.nodes().length, 0);
  });

  test('refuses clients without a certificate, with an expired one, of another authority, and plain text', async () => {
    await using started = await start();
    const stranger = await createAuthority('somebody else', { now, days: 30 });
    const clients: readonly (ClientTls | undefined)[] = [
      { authority: authority.certificate },
      showing(await forGroup('default', now - 40 * dayMs)),
      showing(await forGroup('default', now, stranger)),
      undefined,
    ];
    for (const tls of clients) {
      using stream = open(started.address, 'default', tls);
      assert.equal((await stream.ended).code, unavailable);
      assert.deepEqual(stream.answers, []);
    }
    assert.ok(started.told.length >= clients.length, 'each is counted');
    assert.deepEqual([...new Set(started.told)], ['handshake']);
    const reasons = started.lines.filter(({ msg }) => msg === 'xDS connection refused').map(({ reason }) => String(reason));
    for (const part of [
      'the client shows no certificate',
      /certificate of CN=default is not good: CERT_HAS_EXPIRED/,
      /UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
      /^the client speaks plain text, not TLS/,
    ]) {
      assert.ok(
        reasons.some((reason) => (typeof part === 'string' ? reason === part : part.test(reason))),
        `${part} in ${reasons.join('; ')}`,
      );
    }
  });

  test('speaks TLS 1.3 and nothing older, also after its certificate was replaced', async () => {
    await using started = await start();
    const client = await forGroup('default');
    const own = { cert: client.certificate, key: client.key };
    for (let round = 0; round < 2; round++) {
      const socket = await shakeHands(started.address, own);
      assert.equal(socket.getProtocol(), 'TLSv1.3');
      socket.destroy();
      await assert.rejects(shakeHands(started.address, { ...own, maxVersion: 'TLSv1.2' }), /alert|version/i);
      started.keyFiles.replace(await material());
    }
  });

  test('a new certificate is for new connections; open streams go on', async () => {
    await using started = await start();
    const client = await forGroup('default');
    using stream = open(started.address, 'default', showing(client));
    await answered(stream);
    const successor = await createAuthority('next year', { now, days: 300 });
    const next = await material(successor);
    started.keyFiles.replace({ ...next, clientAuthorities: successor.certificate });
    started.snapshots.put('default', [cluster('a'), cluster('b')]);
    await answered(stream, 2);

    const own = { cert: client.certificate, key: client.key };
    await assert.rejects(shakeHands(started.address, own), /self-signed|unable to verify/i, 'its own certificate is the new one');
    await assert.rejects(shakeHands(started.address, { ...own, ca: successor.certificate }), 'and clients of the old authority do not get in');
    const renewed = await forGroup('default', now, successor);
    using later = open(started.address, 'default', { authority: successor.certificate, certificate: renewed.certificate, key: renewed.key });
    await answered(later);
    assert.equal(started.server.nodes().length, 2);
  });

  test('a stream ends with the certificate of its client, another goes on', async () => {
    const clock = createLeapingClock();
    await using started = await start(clock);
    using short = open(started.address, 'default', showing(await forGroup('default', now - 29.5 * dayMs)));
    using long = open(started.address, 'default', showing(await forGroup('default')));
    await Promise.all([answered(short), answered(long)]);
    clock.endLongWaits();
    assert.deepEqual(await short.ended, { code: unauthenticated, details: 'the certificate of the client has ended' });
    started.snapshots.put('default', [cluster('a'), cluster('b')]);
    await answered(long, 2);
  });

  test('no session is resumed: each connection shows its certificate', async () => {
    await using started = await start();
    const client = await forGroup('default');
    const own = { cert: client.certificate, key: client.key };
    const first = await shakeHands(started.address, own);
    const session = first.getSession();
    first.destroy();
    const second = await shakeHands(started.address, { ...own, ...(session ? { session } : {}) });
    assert.equal(second.isSessionReused(), false);
    second.destroy();
  });
});
