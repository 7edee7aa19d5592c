import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { selfSigned } from '../../examples/quickstart/backends/self-signed.ts';
import { patienceMs } from '../../test/e2e/wait.ts';
import type { Probe } from '../migrate/verify/probe.ts';
import { type Sending, sendProbe } from './probe-client.ts';

const probe: Probe = { host: 'shop.example', method: 'GET', path: '//a%2Fb/../c?x=1', headers: { 'x-a': '1' }, about: '', isSplit: false };
const sending: Sending = { headers: { 'x-all': '2' }, timeoutMs: patienceMs, signal: new AbortController().signal };

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Tells what it was asked. */
const echo: RequestListener = ({ method, url, headers, socket }, response) => {
  response.setHeader('x-asked', JSON.stringify([method, url, headers.host, headers['x-a'], headers['x-all'], (socket as Partial<TLSSocket>).servername]));
  response.setHeader('set-cookie', ['a=1', 'b=2']);
  response.end('body');
};

test('a request is sent as it is written, by its own name wherever the gateway is', async () => {
  const server = createServer(echo);
  const reply = await sendProbe(probe, new URL(`http://127.0.0.1:${await listening(server)}`), sending);
  server.close();
  assert.ok('status' in reply);
  assert.deepEqual(JSON.parse(reply.headers['x-asked']?.[0] ?? ''), ['GET', '//a%2Fb/../c?x=1', 'shop.example', '1', '2', null]);
  assert.deepEqual(reply.headers['set-cookie'], ['a=1', 'b=2']);
  assert.match(reply.hash, /^body [0-9a-f]{12}$/);
});

test('over TLS the name of the request is asked for, and any certificate is taken', async () => {
  const { certificate, key } = await selfSigned(['other.example'], Date.now());
  const server = createSecureServer({ cert: certificate, key }, echo);
  const reply = await sendProbe({ ...probe, host: 'shop.example:8443' }, new URL(`https://127.0.0.1:${await listening(server)}`), sending);
  server.close();
  assert.ok('status' in reply);
  assert.deepEqual(JSON.parse(reply.headers['x-asked']?.[0] ?? '').slice(2), ['shop.example:8443', '1', '2', 'shop.example']);
});

test('a gateway that is silent, gone or ends in the middle gives no answer', async () => {
  const silent = createTcpServer();
  const cut = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': '10' }).write('ha');
    setTimeout(() => response.destroy(), 20);
  });
  assert.deepEqual(await sendProbe(probe, new URL(`http://127.0.0.1:${await listening(silent)}`), { ...sending, timeoutMs: 300 }), {
    failure: 'none within 300 ms',
  });
  assert.deepEqual(await sendProbe(probe, new URL('http://127.0.0.1:1'), sending), { failure: 'ECONNREFUSED' });
  assert.deepEqual(await sendProbe(probe, new URL(`http://127.0.0.1:${await listening(cut)}`), sending), { failure: 'ECONNRESET' });
  silent.close();
  cut.close();
});
