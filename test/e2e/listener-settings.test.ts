import assert from 'node:assert/strict';
import { connect as connectPlain } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { http } from './client.ts';
import { type Stack, startStack } from './harness.ts';
import { ingressYaml, serviceYaml } from './objects.ts';
import { patienceMs } from './wait.ts';

const configMap = JSON.stringify({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
  data: {
    'keep-alive-requests': '2',
    'client-header-timeout': '1',
    'client-body-timeout': '9',
    'large-client-header-buffers': '1 8k',
    'use-http2': 'false',
    'ssl-ciphers': 'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES256-GCM-SHA384',
    'ssl-reject-handshake': 'true',
    'bind-address': '127.0.0.1, 127.0.9.1',
  },
});

suite('settings of ingress-nginx for connections of clients', () => {
  let backend: HttpBackend;
  let stack: Stack;
  before(async () => {
    backend = await startHttpBackend('a');
    const ingresses = [
      ingressYaml('usual', {}, { service: 'a' }),
      ingressYaml('strict', { 'ssl-ciphers': 'DHE-RSA-AES128-SHA' }, { service: 'a' }),
      ingressYaml('stalled', { 'proxy-read-timeout': '1', 'proxy-send-timeout': '1', 'proxy-next-upstream-tries': '1' }, { service: 'a' }),
    ].join('\n---\n');
    stack = await startStack({ objects: { 'config.yaml': configMap, 'all.yaml': ingresses, 'a.yaml': serviceYaml('a', [backend.port]) } });
  });
  after(async () => {
    await stack?.close();
    await backend?.close();
  });

  /** What a handshake ends with: version, cipher and protocol, or `refused`. */
  const handshake = (servername: string, options: ConnectionOptions = {}): Promise<string> =>
    new Promise((resolve) => {
      const socket: TLSSocket = connect({
        port: stack.httpsPort,
        host: '127.0.0.1',
        servername,
        rejectUnauthorized: false,
        ALPNProtocols: ['h2', 'http/1.1'],
        ...options,
      });
      socket.once('secureConnect', () => {
        resolve(`${socket.getProtocol()} ${socket.getCipher().name} ${socket.alpnProtocol}`);
        socket.destroy();
      });
      socket.once('error', () => resolve('refused'));
    });
  const tls12 = { maxVersion: 'TLSv1.2' } as const;

  test('ciphers that are named are spoken, and no others', async () => {
    assert.match(await handshake('usual.example', tls12), /^TLSv1\.2 ECDHE-\w+-AES256-GCM-SHA384 http\/1\.1$/);
    assert.equal(await handshake('usual.example', { ...tls12, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256' }), 'refused');
  });

  test('where Envoy knows none of the ciphers it speaks TLS 1.3 alone', async () => {
    assert.equal(await handshake('strict.example', tls12), 'refused');
    assert.match(await handshake('strict.example'), /^TLSv1\.3 /);
  });

  test('connections for host names that nobody has are refused', async () => {
    assert.equal(await handshake('nobody.example'), 'refused');
  });

  test('the addresses that are named are bound, and no others', async () => {
    const asked = (host: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connectPlain(stack.httpPort, host, () => {
          socket.destroy();
          resolve('bound');
        });
        socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'no code'));
      });
    assert.deepEqual(await Promise.all(['127.0.0.1', '127.0.9.1', '127.0.9.2'].map(asked)), ['bound', 'bound', 'ECONNREFUSED']);
  });

  test('a head that is too large is 400', async () => {
    const headers = (size: number) => ({ headers: { host: 'usual.example', 'x-long': 'x'.repeat(size) } });
    assert.equal((await http(stack.httpPort, '/', headers(6000))).status, 200);
    assert.equal((await http(stack.httpPort, '/', headers(12_000))).status, 400);
  });

  /** All that comes over a connection until it ends. */
  const answer = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connectPlain(stack.httpPort, '127.0.0.1');
      let seen = '';
      socket.setEncoding('utf8').on('data', (data: string) => {
        seen += data;
      });
      socket.once('close', () => resolve(seen)).once('error', reject);
      socket.setTimeout(patienceMs, () => socket.destroy(new Error(`still open after: ${seen}`)));
      socket.write(text);
    });

  test('a head that does not end is 408, and a connection ends after its last request', async () => {
    assert.match(await answer('GET / HTTP/1.1\r\nHost: usual.example\r\n'), /^HTTP\/1\.1 408 /);
    const twice = await answer('GET / HTTP/1.1\r\nHost: usual.example\r\n\r\n'.repeat(2));
    assert.equal(twice.match(/HTTP\/1\.1 200/g)?.length, 2);
    assert.match(twice, /connection: close/i);
  });

  test('a body that stalls for longer than client-body-timeout is 408', async () => {
    const before = performance.now();
    assert.match(await answer('POST / HTTP/1.1\r\nHost: stalled.example\r\nContent-Length: 10\r\n\r\nhalf'), /^HTTP\/1\.1 408 /);
    assert.ok(performance.now() - before > 9000, 'it ended before');
  });
});
