import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { selfSigned } from '../../examples/quickstart/backends/self-signed.ts';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { ingressYaml, serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { waitFor } from './wait.ts';

suite('TLS that goes to backends as it comes', () => {
  let secure: Server;
  let plain: HttpBackend;
  let stack: Stack;
  let down: number;

  const objects = (...endpoints: readonly number[]): string =>
    [
      serviceYaml('secure', endpoints),
      serviceYaml('plain', [plain.port]),
      ingressYaml('passed', { 'ssl-passthrough': 'true' }, { service: 'secure' }),
      ingressYaml('ended', {}, { service: 'plain' }),
    ].join('\n---');

  before(async () => {
    const { certificate, key } = await selfSigned(['passed.example'], Date.now());
    secure = createServer({ cert: certificate, key }, (request, response) =>
      response.end(`secure ${request.headers.host} ${request.headers['x-real-ip'] ?? ''}`),
    );
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    plain = await startHttpBackend('plain');
    down = await freePort();
    stack = await startStack({ objects: { 'all.yaml': objects(port()) }, settings: { ingress: { passesTlsThrough: true } } });
  });
  after(async () => {
    await stack?.close();
    await plain?.close();
    secure?.close();
    secure?.closeAllConnections();
  });
  const port = (): number => (secure.address() as AddressInfo).port;

  test('the backend shows its own certificate, and nothing is added to requests', async () => {
    const answer = await stack.https('/', { headers: { host: 'passed.example' } });
    assert.equal(answer.body, 'secure passed.example ');
    assert.match(answer.certificate?.subjectaltname ?? '', /passed\.example/);
  });

  test('other host names on the port end here, and so does the host name itself by a connection for another one', async () => {
    const ended = await stack.https('/', { headers: { host: 'ended.example' } });
    assert.equal(ended.body, 'plain');
    assert.doesNotMatch(ended.certificate?.subjectaltname ?? '', /passed\.example/);
    const other = await stack.https('/', { headers: { host: 'ended.example' }, serverName: 'nobody.example' });
    assert.equal(other.body, 'plain');
  });

  test('endpoints that change change no listener', async () => {
    const modified = await stack.stat('listener_manager.listener_modified');
    await stack.write('all.yaml', objects(down));
    await waitFor(
      'no endpoint takes the connection',
      async () => (await stack.https('/', { headers: { host: 'passed.example' } }).catch(() => undefined)) === undefined,
    );
    await stack.write('all.yaml', objects(port()));
    await waitFor(
      'it is passed on again',
      async () => (await stack.https('/', { headers: { host: 'passed.example' } }).catch(() => undefined))?.body.startsWith('secure') ?? false,
    );
    assert.equal(await stack.stat('listener_manager.listener_modified'), modified);
  });
});
