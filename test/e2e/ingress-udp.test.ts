import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, suite, test } from 'node:test';
import { type Stack, startStack } from './harness.ts';
import { freePort } from './port.ts';
import { waitFor } from './wait.ts';

/** A server that answers each datagram with its own name. */
async function startEcho(name: string): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (_, { address, port }) => socket.send(name, port, address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

suite('ports of udp-services', () => {
  let echoes: readonly Socket[];
  let port: number;
  let stack: Stack;

  const objects = (answers: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
data: {proxy-stream-responses: "${answers}"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: udp-services, namespace: ingress-nginx}
data: {"${port}": default/echo:53}
---
apiVersion: v1
kind: Service
metadata: {name: echo}
spec: {ports: [{name: dns, port: 53, protocol: UDP}]}
---
${echoes
  .map(
    (echo, index) => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: echo-${index}, labels: {kubernetes.io/service-name: echo}}
addressType: IPv4
ports: [{name: dns, port: ${echo.address().port}, protocol: UDP}]
endpoints: [{addresses: [127.0.0.1]}]`,
  )
  .join('\n---')}`;

  before(async () => {
    echoes = [await startEcho('a'), await startEcho('b')];
    port = await freePort();
    stack = await startStack({ objects: { 'all.yaml': objects('1') }, settings: { ingress: { udpServices: 'ingress-nginx/udp-services' } } });
  });
  after(async () => {
    await stack?.close();
    for (const echo of echoes ?? []) echo.close();
  });

  /** Who answers datagrams of one address and port. */
  async function answering(): Promise<ReadonlySet<string>> {
    const socket = createSocket('udp4');
    const names = new Set<string>();
    let answers = 0;
    socket.on('message', (text) => {
      answers++;
      names.add(text.toString());
    });
    try {
      await waitFor('20 answers', () => {
        socket.send('?', port, '127.0.0.1');
        return answers >= 20;
      });
      return names;
    } finally {
      socket.close();
    }
  }

  test('with one answer each datagram goes to the endpoint that is next', async () => assert.deepEqual([...(await answering())].sort(), ['a', 'b']));

  test('with more a client stays with one', async () => {
    await stack.write('all.yaml', objects('5'));
    await waitFor('one endpoint for all', async () => (await answering()).size === 1);
  });
});
