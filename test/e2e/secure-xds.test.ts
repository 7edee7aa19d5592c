import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { cpSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAddress } from '../../src/address.ts';
import { bootstrap, defaultMaxConnections, type XdsTls } from '../../src/launch/bootstrap.ts';
import { makeCertificates } from '../../src/launch/certificates.ts';
import { createChildren } from '../../src/launch/children.ts';
import type { EnvoyProcess } from '../../src/launch/envoy-process.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { folderStore } from '../../src/launch/key-store.ts';
import { typeUrls } from '../../src/resource.ts';
import { fetchClientStatus } from '../fake/client-status.ts';
import { openXdsStream } from '../fake/xds-client.ts';
import { startHttpBackend } from './backend.ts';
import { tlsSecretYaml } from './certificate.ts';
import { type Stack, startStack } from './harness.ts';
import { projectAsKubelet } from './kubelet-mount.ts';
import { startLoad } from './load.ts';
import { gatewayYaml, routeYaml, secureGatewayYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const sidecar = 'sidecar/default/shop';
const dayMs = 24 * 60 * 60 * 1000;

/** What `sluice certificates` makes, in a folder that goes with the test. */
async function certificateFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-certificates-'));
  const make = (more: { readonly renew?: boolean; readonly now?: number; readonly authorityDays?: number } = {}) =>
    makeCertificates({
      store: folderStore(folder),
      serverNames: ['127.0.0.1', 'sluice'],
      groups: ['default', sidecar],
      admin: true,
      trustDomain: 'sluice',
      days: 30,
      authorityDays: 3650,
      renew: false,
      now: Date.now(),
      ...more,
    });
  await make();
  const clientTls = async (path: string) => {
    const [authority, certificate, key] = await Promise.all(['ca.crt', 'tls.crt', 'tls.key'].map((name) => readFile(join(folder, path, name), 'utf8')));
    return { authority: authority ?? '', certificate: certificate ?? '', key: key ?? '' };
  };
  const serial = async (path: string) => new X509Certificate(await readFile(join(folder, path, 'tls.crt'))).serialNumber;
  return { folder, make, clientTls, serial, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** The files of the page by which an Envoy reads PEM, with another folder for it. */
async function shownFiles(mount: string): Promise<readonly (readonly [name: string, text: string])[]> {
  const page = await readFile(join(import.meta.dirname, '../../docs/secure-xds.md'), 'utf8');
  const shown = [...page.matchAll(/```json\n(\{\n {2}"resources".*?)```/gs)].map(([, text = '']) => text.replaceAll('/etc/envoy/mount', mount));
  assert.equal(shown.length, 2);
  return ['certificate.json', 'authority.json'].map((name, index) => [name, shown[index] ?? '']);
}

/** The certificates that an Envoy shows when it connects next, by serial number. */
async function shownBy(envoy: Pick<EnvoyProcess, 'adminAddress'>): Promise<readonly string[]> {
  const answer = await fetch(`http://${envoy.adminAddress}/certs`);
  const { certificates } = (await answer.json()) as {
    readonly certificates: readonly { readonly cert_chain?: readonly { readonly serial_number: string }[] }[];
  };
  return certificates.flatMap(({ cert_chain = [] }) => cert_chain.map(({ serial_number }) => serial_number.toUpperCase()));
}

/** One more Envoy, which is not expected to get anything. @param change last words on its bootstrap. */
async function startStranger(stack: Stack, group: string, from: XdsTls['from'], change: (text: string) => string = (text) => text) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-stranger-'));
  const children = createChildren();
  const xds = parseAddress(stack.server().xdsAddress);
  assert.ok(xds);
  const admin = { host: '127.0.0.1', port: 0 };
  const config = bootstrap({ node: 'stranger', group, xds, protocol: 'delta', admin, maxConnections: defaultMaxConnections, tls: { from } });
  await writeFile(join(folder, 'envoy.json'), change(JSON.stringify(config)));
  const command = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
  const args = ['-c', join(folder, 'envoy.json'), '--disable-hot-restart', '--concurrency', '1', '-l', 'info'];
  const logFile = join(folder, 'envoy.log');
  const child = children.start({ command, args: [...args, '--admin-address-path', join(folder, 'admin')], logFile });
  const close = async (): Promise<void> => {
    await children.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const adminAddress = () => readFile(join(folder, 'admin'), 'utf8');
  return {
    adminAddress,
    async isReady(): Promise<boolean> {
      assert.ok(child.isRunning(), await readFile(logFile, 'utf8'));
      const address = await adminAddress().catch(() => undefined);
      return address !== undefined && (await fetch(`http://${address}/ready`)).status === 200;
    },
    [Symbol.asyncDispose]: close,
  };
}

const linesOf = async (stack: Stack): Promise<readonly Record<string, unknown>[]> =>
  (await stack.log())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('xDS over mutual TLS with real Envoys', { timeout: 600_000 }, () => {
  test('every certificate is replaced under load: no stream ends, no request fails, and who connects later needs the new ones', async () => {
    await using made = await certificateFolder();
    await using one = await startHttpBackend('one');
    await using two = await startHttpBackend('two');
    const objects = (port: number): string => [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [port])].join('\n---');
    await using stack = await startStack({ objects: { 'all.yaml': objects(one.port) }, envoys: ['default', 'default'], certificates: made.folder });
    const since = stack
      .server()
      .ads.nodes()
      .map(({ connectedAt }) => connectedAt);
    assert.equal(since.length, 2);
    await using load = startLoad({ port: stack.httpPort, rate: 200, halfPost: true });

    async function replaced(): Promise<void> {
      const [server, client] = [await made.serial('server'), await made.serial('groups/default')];
      await waitFor('the server has it', async () => (await stack.server().ads.access().certificate)?.sha256 === (await fingerprint(made.folder)));
      for (const envoy of stack.envoys) await waitFor('Envoy has it', async () => (await shownBy(envoy)).includes(client));
      assert.notEqual(server, client);
    }
    await made.make({ renew: true });
    await replaced();
    // The authority as well: whoever still had one of the old three files could not connect after the restart.
    await rm(join(made.folder, 'authority'), { recursive: true });
    await made.make();
    await replaced();
    await stack.write('all.yaml', objects(two.port));
    await waitFor('the open streams go on', async () => (await stack.http('/')).body === 'two');
    assert.deepEqual(
      stack
        .server()
        .ads.nodes()
        .map(({ connectedAt }) => connectedAt),
      since,
    );

    await stack.stopServer();
    await stack.startServer();
    await waitFor(
      'both are back',
      () =>
        stack
          .server()
          .ads.nodes()
          .filter(({ revisionAcked }) => revisionAcked !== undefined).length === 2,
    );
    await stack.write('all.yaml', objects(one.port));
    await waitFor('and follow', async () => (await stack.http('/')).body === 'one');
    const { failed, failures, sent } = await load.stop();
    assert.deepEqual([failed, failures], [0, []]);
    assert.ok(sent > 500, `${sent} requests`);
  });

  test('mounted by kubelet, certificates and their authority are replaced under load: no stream ends, no request fails', async () => {
    await using made = await certificateFolder();
    await rm(join(made.folder, 'authority'), { recursive: true });
    // An authority in its last third, beside which the next one has been trusted for 28 days.
    const atDay = (day: number, renew = false) => made.make({ now: Date.now() + day * dayMs, authorityDays: 300, renew });
    for (const day of [-270, -30.5]) await atDay(day);
    await atDay(-2, true);
    const mounts = join(made.folder, 'mounts');
    const parts = ['server', 'groups/default'];
    const project = async (only = parts): Promise<void> => {
      for (const part of only) await projectAsKubelet(join(made.folder, part), join(mounts, part));
    };
    await project();
    await using backend = await startHttpBackend('shop');
    const objects = { 'all.yaml': [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [backend.port])].join('\n---') };
    await using stack = await startStack({ objects, envoys: ['default', 'default'], certificates: mounts });
    // One that reads the PEM of the mount, as cert-manager makes it.
    const secrets = join(made.folder, 'secrets');
    await mkdir(secrets);
    for (const [name, text] of await shownFiles(join(mounts, 'groups/default'))) await writeFile(join(secrets, name), text);
    await using other = await startStranger(stack, 'default', { folder: secrets });
    await waitFor('it is served', () => other.isReady());
    const connected = () =>
      stack
        .server()
        .ads.nodes()
        .map(({ connectedAt }) => connectedAt);
    const since = connected();
    assert.equal(since.length, 3);
    await using load = startLoad({ port: stack.httpPort, rate: 200, halfPost: true });
    const authority = await made.serial('authority');

    const restarted = async (): Promise<void> => {
      await stack.stopServer();
      await stack.startServer();
      await waitFor('all are back', () => connected().length === 3);
    };
    const serverHasIt = () =>
      waitFor('the server has it', async () => (await stack.server().ads.access().certificate)?.sha256 === (await fingerprint(made.folder)));
    async function envoysHaveIt(): Promise<void> {
      const client = await made.serial('groups/default');
      const envoys = [...stack.envoys, { adminAddress: await other.adminAddress() }];
      for (const envoy of envoys) await waitFor('Envoy has it', async () => (await shownBy(envoy)).includes(client));
    }
    await atDay(-1, true);
    await project();
    await serverHasIt();
    await envoysHaveIt();
    assert.equal(await made.serial('authority'), authority);
    assert.deepEqual(connected(), since);

    // By the new authority, whose mounts are not all there at once: whoever has which must be able to connect to each other.
    await atDay(0);
    assert.notEqual(await made.serial('authority'), authority);
    await project(['server']);
    await serverHasIt();
    assert.deepEqual(connected(), since);
    await restarted();
    const again = connected();
    await project(['groups/default']);
    await envoysHaveIt();
    assert.deepEqual(connected(), again);
    await restarted();
    const { failed, failures, sent } = await load.stop();
    assert.deepEqual([failed, failures], [0, []]);
    assert.ok(sent > 500, `${sent} requests`);
  });

  test('the files that the page shows let Envoy read what is mounted as PEM, and take what is moved there', async () => {
    await using made = await certificateFolder();
    await using backend = await startHttpBackend('shop');
    const objects = { 'all.yaml': [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [backend.port])].join('\n---') };
    await using stack = await startStack({ objects, certificates: made.folder });
    const [mount, secrets, group] = [join(made.folder, 'mount'), join(made.folder, 'secrets'), join(made.folder, 'groups/default')];
    for (const folder of [mount, secrets]) await mkdir(folder);
    for (const name of ['tls.crt', 'tls.key', 'ca.crt']) await copyFile(join(group, name), join(mount, name));
    for (const [name, text] of await shownFiles(mount)) await writeFile(join(secrets, name), text);
    await using envoy = await startStranger(stack, 'default', { folder: secrets });
    await waitFor('it is served', () => envoy.isReady());
    const adminAddress = await envoy.adminAddress();
    assert.ok((await shownBy({ adminAddress })).includes(await made.serial('groups/default')));
    await made.make({ renew: true });
    for (const name of ['tls.crt', 'tls.key']) {
      await copyFile(join(group, name), join(mount, `${name}.new`));
      await rename(join(mount, `${name}.new`), join(mount, name));
    }
    await waitFor('it shows the new one', async () => (await shownBy({ adminAddress })).includes(await made.serial('groups/default')));
  });

  test('a pair that does not fit is told where people look, and the old one stays', async () => {
    await using made = await certificateFolder();
    await using backend = await startHttpBackend('shop');
    const objects = { 'all.yaml': [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [backend.port])].join('\n---') };
    await using stack = await startStack({ objects, certificates: made.folder });
    const diagnostics = async (): Promise<string> => (await fetch(`http://${stack.server().adminAddress}/api/v1/diagnostics`)).text();
    assert.doesNotMatch(await diagnostics(), /TlsFilesBroken/);
    await copyFile(join(made.folder, 'groups/default/tls.key'), join(made.folder, 'server/tls.key'));
    await waitFor('it is told', async () => /TlsFilesBroken.*server\/tls.key holds a key that does not belong to the certificate/.test(await diagnostics()));
    await using late = await startStranger(stack, 'default', { folder: join(made.folder, 'groups/default') });
    await waitFor('another Envoy still gets in', () => late.isReady());
    await made.make({ renew: true });
    await waitFor('it is over', async () => !/TlsFilesBroken/.test(await diagnostics()));
  });

  test('who has another group, no certificate, an expired one or TLS 1.2 gets nothing, and the log says why', async () => {
    await using made = await certificateFolder();
    await using past = await certificateFolder();
    for (const path of ['authority', 'groups']) await rm(join(past.folder, path), { recursive: true });
    cpSync(join(made.folder, 'authority'), join(past.folder, 'authority'), { recursive: true });
    await past.make({ now: Date.now() - 40 * dayMs });
    await using backend = await startHttpBackend('shop');
    const objects = { 'all.yaml': [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [backend.port])].join('\n---') };
    await using stack = await startStack({ objects, certificates: made.folder });
    const own = { folder: join(made.folder, 'groups/default') };
    await using otherGroup = await startStranger(stack, 'default', { folder: join(made.folder, 'groups', sidecar) });
    await using nothing = await startStranger(stack, 'default', { ca: join(made.folder, 'server/ca.crt') });
    await using expired = await startStranger(stack, 'default', { folder: join(past.folder, 'groups/default') });
    await using old = await startStranger(stack, 'default', own, (text) => text.replaceAll('"TLSv1_3"', '"TLSv1_2"'));
    for (const reason of [
      /^node\.cluster asks for the group "default", which needs spiffe:\/\/sluice\/group\/default .* is for spiffe:\/\/sluice\/group\/sidecar\/default\/shop$/,
      /^the client shows no certificate$/,
      /^the certificate of CN=default is not good: CERT_HAS_EXPIRED$/,
      /unsupported.protocol/i,
    ]) {
      const found = await waitFor(String(reason), async () => (await linesOf(stack)).find((line) => reason.test(String(line['reason']))));
      assert.match(String(found['peer']), /^127\.0\.0\.1:\d+$/);
    }
    // Long enough for each to try again.
    await sleep(1000);
    for (const stranger of [otherGroup, nothing, expired, old]) assert.equal(await stranger.isReady(), false);
    assert.deepEqual(
      stack
        .server()
        .ads.nodes()
        .map(({ id }) => id),
      ['envoy-0'],
    );
    assert.equal((await stack.http('/')).body, 'shop');
    const metrics = await (await fetch(`http://${stack.server().adminAddress}/metrics`)).text();
    assert.match(metrics, /sluice_streams_refused_total\{code="PERMISSION_DENIED"\} [1-9]/);
    assert.match(metrics, /sluice_connections_refused_total\{reason="handshake"\} [1-9]/);
  });

  test('a secret goes to the group that uses it, also when another asks for it by name; tools need a certificate of their own', async () => {
    await using made = await certificateFolder();
    await using backend = await startHttpBackend('shop');
    const sidecarYaml = '\napiVersion: gateway.sluice.dev/v1alpha1\nkind: Sidecar\nmetadata: {name: shop}\nspec: {service: shop, reach: [shop]}';
    const objects = {
      'all.yaml': [secureGatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [backend.port]), sidecarYaml].join('\n---'),
      'certificate.yaml': await tlsSecretYaml('shop', ['shop.example']),
    };
    await using stack = await startStack({ objects, certificates: made.folder });
    assert.equal((await stack.https('/', { headers: { host: 'shop.example' } })).status, 200);
    const address = stack.server().xdsAddress;
    const ask = async (group: string) => {
      using stream = openXdsStream({ address, protocol: 'delta', tls: await made.clientTls(`groups/${group}`) });
      const subscribe = ['default/shop'];
      const node = { id: 'asks', group, agent: 'test' };
      stream.send({ protocol: 'delta', node, typeUrl: typeUrls.secrets, nonce: '', subscribe, unsubscribe: [], initialVersions: {} });
      return await waitFor('an answer', () => stream.answers[0]);
    };
    assert.deepEqual(
      (await ask('default')).resources.map(({ name }) => name),
      ['default/shop'],
    );
    const other = await ask(sidecar);
    assert.deepEqual([other.resources, other.removed], [[], ['default/shop']]);

    await assert.rejects(fetchClientStatus(address, {}, await made.clientTls('groups/default')), /PERMISSION_DENIED.*spiffe:\/\/sluice\/admin/);
    const told = await fetchClientStatus(address, {}, await made.clientTls('admin'));
    assert.deepEqual(
      told.map(({ node }) => node?.id),
      ['envoy-0'],
    );
  });

  test('each stream has its line in the log, with who it was and what it got', async () => {
    await using made = await certificateFolder();
    await using backend = await startHttpBackend('shop');
    const objects = { 'all.yaml': [gatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [backend.port])].join('\n---') };
    await using stack = await startStack({ objects, certificates: made.folder });
    const client = { subject: 'CN=default', uris: ['spiffe://sluice/group/default'] };
    const opened = (await linesOf(stack)).find(({ msg }) => msg === 'xDS stream opened');
    assert.deepEqual([opened?.['node'], opened?.['group'], opened?.['protocol'], opened?.['client']], ['envoy-0', 'default', 'delta', client]);
    await stack.envoys[0]?.stop();
    const closed = await waitFor('its end', async () => (await linesOf(stack)).find(({ msg }) => msg === 'xDS stream closed'));
    assert.deepEqual([closed['node'], closed['client'], closed['nacks']], ['envoy-0', client, 0]);
    for (const count of ['answers', 'bytes', 'acks', 'openMs']) assert.ok(Number(closed[count]) > 0, count);
    assert.ok(closed['reason']);
  });
});

const fingerprint = async (folder: string): Promise<string> => new X509Certificate(await readFile(join(folder, 'server/tls.crt'))).fingerprint256;
