import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { type Stack, startStack } from './harness.ts';
import { ingressYaml } from './objects.ts';
import { patienceMs, waitFor } from './wait.ts';

const settingsYaml = (data: Readonly<Record<string, string>>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }, data });

suite('ssl-session-ticket-key', () => {
  const key = randomBytes(80).toString('base64');
  let stack: Stack;
  before(async () => {
    stack = await startStack({
      objects: { 'config.yaml': settingsYaml({ 'ssl-session-ticket-key': key }), 'shop.yaml': ingressYaml('shop', {}, { service: 'a' }) },
    });
  });
  after(() => stack?.close());

  /** Connects, with the session of a connection before; gives this one's, and whether it was taken up again. */
  const handshake = (session?: Buffer): Promise<{ readonly session: Buffer; readonly isReused: boolean }> =>
    new Promise((resolve, reject) => {
      // With TLS 1.2 the ticket is there when the handshake is over.
      const options = { host: '127.0.0.1', port: stack.httpsPort, servername: 'shop.example', rejectUnauthorized: false, maxVersion: 'TLSv1.2' as const };
      const socket: TLSSocket = connect({ ...options, ...(session && { session }) }, () => {
        const given = socket.getSession();
        const isReused = socket.isSessionReused();
        socket.destroy();
        if (given) resolve({ session: given, isReused });
        else reject(new Error('no session was given'));
      });
      socket.once('error', reject);
    });

  test('another Envoy takes up a session by its ticket, and the key goes there as a secret', async () => {
    const { session } = await handshake();
    const [first] = stack.envoys;
    const second = await stack.startEnvoy('default');
    await second.ready(patienceMs);
    await first?.stop();
    assert.equal((await handshake(session)).isReused, true);

    const dump = await (await fetch(`http://${second.adminAddress}/config_dump?include_eds`)).text();
    assert.match(dump, /ticket-keys\/ingress-nginx\/ingress-nginx-controller/);
    const hidden = Buffer.from(key, 'base64').subarray(16);
    for (const text of [dump, await stack.log()]) {
      assert.ok(!text.includes(key) && !text.includes(hidden.toString('base64')), 'the key can be read');
    }
  });

  test('with another key it is a new session', async () => {
    const { session } = await handshake();
    assert.equal((await handshake(session)).isReused, true);
    await stack.write('config.yaml', settingsYaml({ 'ssl-session-ticket-key': randomBytes(80).toString('base64') }));
    await waitFor('the ticket to be of no use', async () => !(await handshake(session)).isReused);
  });
});
