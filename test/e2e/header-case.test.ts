import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startStack } from './harness.ts';
import { gatewayYaml, httpRouteYaml, ingressYaml, serviceYaml } from './objects.ts';

const namesOf = ({ rawHeaders }: IncomingMessage): readonly string[] => rawHeaders.filter((_, index) => index % 2 === 0);

/** What a backend and a client see of names with capitals, for a host name. */
async function seen(host: string, objects: readonly string[]): Promise<readonly string[]> {
  const asked: string[] = [];
  const server = createServer((call, answer) => {
    asked.push(...namesOf(call));
    answer.writeHead(200, ['X-Fancy-ID', '1']).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    await using stack = await startStack({ objects: { 'all.yaml': [serviceYaml('app', [port]), ...objects].join('\n---') } });
    const call = request({ port: stack.httpPort, host: '127.0.0.1', agent: false, headers: { Host: host, SOAPAction: 'x' } }).end();
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    answer.resume();
    assert.equal(answer.statusCode, 200);
    return [...asked, ...namesOf(answer)].filter((name) => /^(soapaction|x-fancy-id)$/i.test(name));
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test('names of headers keep their capitals for an Ingress, as behind nginx', async () => {
  assert.deepEqual(await seen('shop.example', [ingressYaml('shop', {})]), ['SOAPAction', 'X-Fancy-ID']);
});

test('they do for an HTTPRoute', async () => {
  const route = httpRouteYaml('route', '{backendRefs: [{name: app, port: 80}]}');
  assert.deepEqual(await seen('shop.example', [gatewayYaml, route]), ['SOAPAction', 'X-Fancy-ID']);
});
